import { guarded } from '../error.js';
import type { Process } from '../process.js';
import { later } from '../timestamp.js';
import { viewOf, type Draft } from '../turn.js';
import { stateOf } from './enter.js';
import { takeIf, type Taken } from './transition.js';

/** A timeout that will be taken if nothing happens to the process before. */
export interface Timer {
  /** Position of the transition in the state. */
  readonly transition: number;
  /** Seconds after the state was entered. */
  readonly after: number;
  readonly dueAt: string;
  /** State it leads to; null: it is only recorded, and at most once while the process stays in the state. */
  readonly goto: string | null;
}

/**
 * What a process waits for, earliest first. Whoever keeps the clock calls `timeout` at `dueAt`, and asks again after every
 * change of the process: conditions depend on nothing else.
 */
export function timers(process: Process): Timer[] {
  return guarded(() => {
    const { timestamp } = process.current;
    return pending(process, viewOf(process)).map(({ transition: { index, after = 0 }, goto }) => ({
      transition: index,
      after,
      dueAt: later(timestamp, after),
      goto,
    }));
  });
}

/** Timeouts whose condition holds, by `after`; without those that have fired and would only fire again. */
export function pending({ scenario, current, fired }: Process, draft: Draft): Taken[] {
  return stateOf(scenario, current.key)
    .timeouts.filter(({ index }) => !fired.includes(index))
    .flatMap((transition) => takeIf(transition, draft) ?? []);
}
