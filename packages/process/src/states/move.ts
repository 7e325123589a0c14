import type { CompiledTransition } from '@handover/scenario';

import { isActionEvent } from '../events/event.js';
import { extend } from '../json.js';
import type { LogEntry } from '../process.js';
import { appendLog, type Turn } from '../turn.js';
import { enterState, stateOf } from './enter.js';
import { assertTimes } from './timers.js';
import { firstTaken, type Taken } from './transition.js';

/**
 * Takes a transition, and then every automatic one that the state entered leads on to (process-semantics §4.2).
 *
 * @param entered states entered by this operation before; none is entered twice (decision 7).
 * @returns undefined, or the reason why the process does not come to rest.
 */
export function move(turn: Turn, first: Taken, entered: readonly string[] = []): string | undefined {
  const visited = new Set(entered);
  let next: Taken | undefined = first;
  while (next) {
    const { transition, goto } = next;
    if (goto !== null && visited.has(goto)) return `Automatic transitions do not come to rest in state '${goto}'`;
    logTransition(turn, transition);
    if (goto === null) {
      reenter(turn);
      break;
    }
    visited.add(goto);
    enter(turn, goto);
    next = automatic(turn);
    if (next?.goto === null) break;
  }
  end(turn);
  return undefined;
}

/** Enters a state at the time of the turn's event. */
export function enter(turn: Turn, key: string): void {
  evaluate(turn, key, turn.event.timestamp);
  turn.entered = true;
}

/** Evaluates the current state anew, without leaving it. */
function reenter(turn: Turn): void {
  const { current } = turn.draft;
  if (current) evaluate(turn, current.key, current.timestamp);
}

/** @param entered when the state is, or was, entered. */
function evaluate(turn: Turn, key: string, entered: string): void {
  turn.draft = { ...turn.draft, current: enterState(turn.scenario, key, entered, turn.draft) };
  assertTimes(stateOf(turn.scenario, key), entered, turn.draft);
}

/** @returns the automatic transition out of the current state, if there is one. */
export function automatic(turn: Turn): Taken | undefined {
  const { current } = turn.draft;
  return current && firstTaken(stateOf(turn.scenario, current.key).onEntry, turn.draft);
}

/** Marks the process as ended when it has come to an end state, and adds the state's tags. */
export function end(turn: Turn): void {
  const { current, tags } = turn.draft;
  if (!current || !stateOf(turn.scenario, current.key).isEnd) return;
  turn.draft = { ...turn.draft, isRunning: false, tags: [tags, current.tag ?? []].flat() };
}

/** Writes the transition's log entry, unless its condition says no (process-semantics §4.4). */
export function logTransition(turn: Turn, transition: CompiledTransition): void {
  const { log } = transition;
  if (!log.condition.evaluate(turn.draft)) return;
  const entry = log.entry.evaluate(turn.draft) as Partial<LogEntry>;
  const { event } = turn;
  const { timestamp } = event;
  appendLog(turn, extend<LogEntry>(entry, isActionEvent(event) ? { timestamp, actor: event.actor } : { timestamp }));
}
