import type { Bus } from '@handover/bus';
import { PROCESS_CHANGES, type ProcessChange } from '@handover/contracts';
import type { Process } from '@handover/process';
import type { Logger } from '@handover/runtime';
import { randomUUID } from 'node:crypto';

/** Changes are gathered so long, so that a busy engine says little and those who wait notice nothing of it. */
const GATHER_MS = 20;
/** Most that one broadcast tells of. */
const MOST_TOLD = 1_000;

/** Tells whoever waits for processes that they were changed. */
export interface ChangeTeller {
  changed(tenant: string, process: Process): void;
  stop(): void;
}

/** Broadcasts what changed, the latest version of each process, a moment after the first; nothing when nothing changes. */
export function createChangeTeller(bus: Pick<Bus, 'broadcast'>, log: Logger): ChangeTeller {
  const gathered = new Map<string, ProcessChange>();
  let timer: NodeJS.Timeout | undefined;

  const tell = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const changes = [...gathered.values()];
    gathered.clear();
    const message = { id: randomUUID(), type: PROCESS_CHANGES.type, headers: {}, body: { changes } };
    // Those who wait look by themselves now and then, so a hint that is lost costs them seconds.
    bus.broadcast(PROCESS_CHANGES.channel, message).catch((error: unknown) => {
      log.debug({ err: error }, 'a change of processes was not told');
    });
  };

  return {
    changed(tenant, { id, head }) {
      gathered.set(`${tenant}/${id}`, { tenant, process: id, version: head.count });
      if (gathered.size >= MOST_TOLD) tell();
      else timer ??= setTimeout(tell, GATHER_MS);
    },
    stop() {
      if (timer) tell();
    },
  };
}
