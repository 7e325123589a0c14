import { spawnNode, type ManagedChild } from '@handover/testkit';
import { resolve } from 'node:path';

const ENGINE = resolve(import.meta.dirname, '../../../services/engine/src/main.ts');
const START_MS = 60_000;

/** An engine as a process of its own, which can be killed and started again as often as a test likes. */
export interface Replica {
  /** Resolves when it answers requests. */
  ready(): Promise<unknown>;
  /** SIGKILL, and its successor at once. Resolves when the killed one is gone. */
  killAndReplace(): Promise<void>;
  /** Ends it for good, as in an orderly stop. @returns what it said when it did not end well */
  stop(): Promise<string | undefined>;
}

/** @param env the environment of the engine */
export function startReplica(env: Readonly<Record<string, string>>): Replica {
  const start = (): ManagedChild => spawnNode(ENGINE, { env });
  let child = start();
  return {
    ready: () => child.line(/"msg":"ready"/, START_MS),
    async killAndReplace() {
      await child.kill();
      child = start();
    },
    async stop() {
      child.signal('SIGTERM');
      const { code } = await child.exited;
      await child.kill();
      return code === 0 ? undefined : `ended with ${code}:\n${child.lines.slice(-5).join('\n')}`;
    },
  };
}
