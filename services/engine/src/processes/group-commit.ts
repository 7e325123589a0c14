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
  /** Most transactions of one group at a time. */
  readonly sideBySide: number;
  /** Most commands waiting; beyond it they are refused at once, so that those that wait are answered in time. */
  readonly queue: number;
}

export interface GroupCommit<Command> {
  /**
   * Resolves with the command's answer after its batch is committed.
   * @throws HandoverError `unavailable` with a time to retry when too many are waiting, or whatever its decision threw
   */
  submit(group: string, command: Command): Promise<unknown>;
  /** Commands taken and not settled yet. */
  waiting(): number;
  /** Refuses new commands and waits for those that were taken. Idempotent. */
  stop(): Promise<void>;
}

export interface GroupCommitOptions<Command> {
  /** Carries out a batch of one group and settles its commands; those it returns are put in front of the queue again. */
  readonly run: (group: string, batch: readonly Waiting<Command>[]) => Promise<readonly Waiting<Command>[]>;
  /** What a command needs for itself: none that needs the same is in another batch at the same time. */
  readonly claims: (command: Command) => readonly string[];
  readonly limits: GroupCommitLimits;
}

interface Group<Command> {
  queue: Waiting<Command>[];
  /** It is looked at once the event loop has handed out what came in with the command before. */
  due: boolean;
  /** What the batches under way have claimed. */
  readonly claimed: Set<string>;
  running: number;
}

/**
 * Lets commands that wait at the same moment share one transaction. A lone command waits for nothing but the end of its turn
 * of the event loop: a batch is whatever came in with it or while those before were being committed, so its size follows the load. Commands with the same claims are carried
 * out in the order they came in; groups (tenants) run side by side.
 */
export function createGroupCommit<Command>(options: GroupCommitOptions<Command>): GroupCommit<Command> {
  const { run, claims, limits } = options;
  const groups = new Map<string, Group<Command>>();
  const running = new Set<Promise<void>>();
  let waiting = 0;
  let stopped = false;

  /** The first commands of the queue that get in nobody's way. */
  const nextBatch = (group: Group<Command>): Waiting<Command>[] => {
    const batch: Waiting<Command>[] = [];
    const passed: Waiting<Command>[] = [];
    const blocked = new Set<string>();
    let at = 0;
    for (; at < group.queue.length && batch.length < limits.batch; at += 1) {
      const entry = group.queue[at];
      if (!entry) continue;
      const needs = claims(entry.command);
      if (needs.some((claim) => group.claimed.has(claim) || blocked.has(claim))) {
        passed.push(entry);
        for (const claim of needs) blocked.add(claim);
      } else batch.push(entry);
    }
    group.queue = [...passed, ...group.queue.slice(at)];
    return batch;
  };

  const start = (name: string, group: Group<Command>): void => {
    while (group.running < limits.sideBySide && group.queue.length > 0) {
      const batch = nextBatch(group);
      if (batch.length === 0) return;
      const claimed = batch.flatMap(({ command }) => claims(command));
      for (const claim of claimed) group.claimed.add(claim);
      group.running += 1;
      const carriedOut = carryOut(name, batch).then((again) => {
        for (const claim of claimed) group.claimed.delete(claim);
        group.running -= 1;
        group.queue.unshift(...again);
        running.delete(carriedOut);
        if (group.running === 0 && group.queue.length === 0) groups.delete(name);
        else startSoon(name, group);
      });
      running.add(carriedOut);
    }
  };

  const startSoon = (name: string, group: Group<Command>): void => {
    if (group.due || group.running >= limits.sideBySide) return;
    group.due = true;
    setImmediate(() => {
      group.due = false;
      start(name, group);
    });
  };

  const carryOut = async (name: string, batch: readonly Waiting<Command>[]): Promise<readonly Waiting<Command>[]> => {
    const again = await run(name, batch).catch((error: unknown) => {
      for (const entry of batch) entry.reject(error);
      return [];
    });
    waiting -= batch.length - again.length;
    return again;
  };

  return {
    submit(name, command) {
      if (stopped) return Promise.reject(new HandoverError('unavailable', 'The engine is stopping', { retryAfter: 1 }));
      if (waiting >= limits.queue) {
        return Promise.reject(new HandoverError('unavailable', 'Too many commands are waiting', { retryAfter: 1 }));
      }
      waiting += 1;
      return new Promise((resolve, reject) => {
        const group = groups.get(name) ?? { queue: [], due: false, claimed: new Set(), running: 0 };
        groups.set(name, group);
        group.queue.push({ command, attempts: 0, resolve, reject });
        startSoon(name, group);
      });
    },
    waiting: () => waiting,
    async stop() {
      stopped = true;
      while (groups.size > 0) {
        for (const [name, group] of groups) start(name, group);
        await Promise.all(running);
      }
    },
  };
}
