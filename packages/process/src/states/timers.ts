import { instantOf, type CompiledState, type CompiledTransition } from '@handover/scenario';

import { guarded, ProcessError } from '../error.js';
import type { Process } from '../process.js';
import { later } from '../timestamp.js';
import { viewOf, type Draft } from '../turn.js';
import { stateOf } from './enter.js';
import { takeIf, type Taken } from './transition.js';

/** A timeout that will be taken if nothing happens to the process before. */
export interface Timer {
  /** Position of the transition in the state. */
  readonly transition: number;
  /** Seconds after the state was entered; negative for an absolute timeout whose time had passed by then. */
  readonly after: number;
  readonly dueAt: string;
  /** State it leads to; null: it is only recorded, and at most once while the process stays in the state. */
  readonly goto: string | null;
}

/**
 * What a process waits for, earliest first. Whoever keeps the clock calls `timeout` at `dueAt`, and asks again after every
 * change of the process: conditions and times depend on nothing else.
 */
export function timers(process: Process): Timer[] {
  return guarded(() =>
    pending(process, viewOf(process)).map(({ transition: { index }, after, dueAt, goto }) => ({
      transition: index,
      after,
      dueAt,
      goto,
    })),
  );
}

/** A timeout whose condition holds, and when it is due. */
export interface Pending extends Taken {
  /** Seconds after the state was entered. */
  readonly after: number;
  readonly dueAt: string;
}

/** Timeouts whose condition holds, the earliest first; without those that have fired and would only fire again. */
export function pending({ scenario, current, fired }: Process, draft: Draft): Pending[] {
  const state = stateOf(scenario, current.key);
  return timeoutsOf(state, current.timestamp, draft, ({ index }) => !fired.includes(index));
}

/**
 * @param entered when the state was entered.
 * @returns the timeouts among `which` whose condition holds, the earliest first, then by position.
 * @throws ProcessError when an absolute timeout has something for a time that is none.
 */
export function timeoutsOf(
  { key, timeouts }: CompiledState,
  entered: string,
  draft: Draft,
  which: (transition: CompiledTransition) => boolean,
): Pending[] {
  const found = timeouts.filter(which).flatMap((transition) => {
    const taken = takeIf(transition, draft);
    return (taken && scheduled(taken, key, entered)) ?? [];
  });
  // Relative timeouts are in order from the start.
  if (!found.some(({ transition }) => transition.isAbsolute)) return found;
  return found.sort((one, other) => one.after - other.after || one.transition.index - other.transition.index);
}

/** @returns undefined for an absolute timeout that has no time. */
function scheduled(taken: Taken, state: string, entered: string): Pending | undefined {
  const { isAbsolute, after = 0 } = taken.transition;
  if (!isAbsolute) return { ...taken, after, dueAt: later(entered, after) };
  // A template cannot give null.
  if (taken.at == null || taken.at === '') return undefined;
  const instant = instantOf(taken.at);
  if (instant === undefined) throw noTime(state, taken.at);
  return { ...taken, after: (instant - Date.parse(entered)) / 1000, dueAt: new Date(instant).toISOString() };
}

function noTime(state: string, at: unknown): ProcessError {
  const given = JSON.stringify(at).slice(0, 100);
  return new ProcessError('invalid-value', `Timeout of state '${state}' is not at a time with its zone: ${given}`);
}

/** Makes sure that the times a state waits for are times, so that whoever sets a wrong one is told. @throws ProcessError */
export function assertTimes(state: CompiledState, entered: string, draft: Draft): void {
  if (state.timeouts.some(({ isAbsolute }) => isAbsolute)) {
    timeoutsOf(state, entered, draft, ({ isAbsolute }) => isAbsolute);
  }
}
