import { guarded, ProcessError } from './error.js';
import type { TimeoutEvent } from './events/event.js';
import { seal } from './events/seal.js';
import type { Change, Process } from './process.js';
import { logTransition, move } from './states/move.js';
import { stateOf } from './states/enter.js';
import { pending, timeoutsOf, type Pending } from './states/timers.js';
import type { Taken } from './states/transition.js';
import { assertTimestamp, secondsBetween } from './timestamp.js';
import { beginTurn, endTurn, viewOf } from './turn.js';

export interface TimeoutRequest {
  readonly now: string;
  /**
   * Seconds taken to have passed in the current state, whatever the clock says: for simulations and tests. A timeout with
   * `goto: null` may then fire again; by the clock it fires once per entry of the state (decision 4).
   */
  readonly timePassed?: number;
}

/**
 * Time passes (process-semantics §7): the earliest timeout that is due is taken.
 *
 * @returns undefined when none is due; the process stays as it is and nothing is recorded.
 * @throws ProcessError when it cannot be carried out, e.g. for a failing expression. Nothing is recorded.
 */
export function timeout(process: Process, request: TimeoutRequest): Change<TimeoutEvent> | undefined {
  const { now, timePassed } = request;
  assertTimestamp(now);
  return guarded(() => {
    const elapsed = timePassed ?? secondsBetween(process.current.timestamp, now);
    const taken = dueTimeout(process, elapsed, timePassed !== undefined);
    return taken && fire(process, seal({ previous: process.head.hash, timestamp: now }), taken);
  });
}

/** @param again whether timeouts that have fired in this state count, after all others. */
export function dueTimeout(process: Process, elapsed: number, again: boolean): Taken | undefined {
  const view = viewOf(process);
  const isDue = ({ after }: Pending) => after <= elapsed;
  const first = pending(process, view).find(isDue);
  if (first || !again) return first;
  const { scenario, current, fired } = process;
  const hasFired = ({ index }: Taken['transition']) => fired.includes(index);
  return timeoutsOf(stateOf(scenario, current.key), current.timestamp, view, hasFired).find(isDue);
}

/** Takes a timeout. With `goto: null` it is only recorded and logged: the state is not evaluated anew (§7.4). */
export function fire(process: Process, event: TimeoutEvent, taken: Taken, predicting = false): Change<TimeoutEvent> {
  const turn = beginTurn(process, event, process.current, predicting);
  if (taken.goto === null) {
    logTransition(turn, taken.transition);
    turn.fired = [...new Set([...turn.fired, taken.transition.index])];
    return endTurn(turn);
  }
  const restless = move(turn, taken);
  if (restless !== undefined) throw new ProcessError('endless-transitions', restless);
  return endTurn(turn);
}
