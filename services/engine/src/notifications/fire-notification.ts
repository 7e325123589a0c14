import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { loadProcess } from '../processes/stored-process.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { takeDelayed, type DueNotification } from './delayed.repository.js';
import { complete } from './notification.js';

export interface FirePorts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  /** Called after a commit that left something in the outbox. */
  readonly announced: () => void;
}

/**
 * Moves a delayed notification to the outbox. Whoever leaves the state deletes the row in the transaction of the step, so
 * that either the step comes first and nothing is sent, or the message was sent while the state was still the one to tell of.
 */
export async function fireNotification(ports: FirePorts, { tenant, process: id, id: delivery }: DueNotification) {
  const sent = await withTenant(ports.db, tenant, async (tx) => {
    const waiting = await takeDelayed(tx, delivery);
    const process = waiting && (await loadProcess(tx, ports.scenarios, tenant, id, false));
    if (!waiting || !process) return false;
    await appendToOutbox(tx, [], [complete(waiting, process)]);
    return true;
  });
  if (sent) ports.announced();
}
