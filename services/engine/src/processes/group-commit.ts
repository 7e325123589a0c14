import { HandoverError } from '@handover/contracts';

/** A command that waits for its batch. Settled exactly once. */
export interface Waiting<Command> {
  readonly command: Command;
  /** Batches it has been part of; a command that met a conflict is decided again. */
  attempts: number;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export interface GroupCommitLimits {
  /** Most commands in one transaction. */
  readonly batch: number;
  /** Most commands waiting; beyond it they are refused at once, so that those that wait are answered in time. */
  readonly queue: number;
}

export interface GroupCommit<Command> {
  /**
   * Resolves with the command's answer after its batch is committed.
   * @throws HandoverError `unavailable` with a time to retry when too many are waiting, or whatever its decision threw
   */
  submit(group: string, command: Command): Promise<unknown>;
  /** Refuses new commands and waits for those that were taken. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Lets commands that wait at the same moment share one transaction. A lone command waits for nothing: a batch is whatever
 * came in while the one before was being committed, so its size follows the load.
 *
 * @param run carries out a batch of one group and settles its commands; those it returns are put in front of the queue again.
 * Groups (tenants) run side by side, the batches of one group one after the other.
 */
export function createGroupCommit<Command>(
  run: (group: string, batch: readonly Waiting<Command>[]) => Promise<readonly Waiting<Command>[]>,
  limits: GroupCommitLimits,
): GroupCommit<Command> {
  const queues = new Map<string, Waiting<Command>[]>();
  const running = new Set<Promise<void>>();
  let waiting = 0;
  let stopped = false;

  const drain = async (group: string, queue: Waiting<Command>[]): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.splice(0, limits.batch);
      const again = await run(group, batch).catch((error: unknown) => {
        for (const entry of batch) entry.reject(error);
        return [];
      });
      waiting -= batch.length - again.length;
      queue.unshift(...again);
    }
    queues.delete(group);
  };

  const enqueue = (group: string, entry: Waiting<Command>): void => {
    const queue = queues.get(group);
    if (queue) {
      queue.push(entry);
      return;
    }
    const started = [entry];
    queues.set(group, started);
    const drained = drain(group, started).finally(() => running.delete(drained));
    running.add(drained);
  };

  return {
    submit(group, command) {
      if (stopped) return Promise.reject(new HandoverError('unavailable', 'The engine is stopping', { retryAfter: 1 }));
      if (waiting >= limits.queue) {
        return Promise.reject(new HandoverError('unavailable', 'Too many commands are waiting', { retryAfter: 1 }));
      }
      waiting += 1;
      return new Promise((resolve, reject) => {
        enqueue(group, { command, attempts: 0, resolve, reject });
      });
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
