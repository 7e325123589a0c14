import {
  isAbsoluteTimeout,
  isActiveState,
  isTimeoutTransition,
  type CompiledScenario,
  type State,
} from '@handover/scenario';

import { ProcessError } from './error.js';
import { isTimeoutEvent, type ProcessEvent } from './events/event.js';
import { Sequence } from './events/sequence.js';
import type { Actor, CurrentState, Head, LogEntry, Process } from './process.js';
import { replay } from './replay.js';
import { secondsBetween } from './timestamp.js';
import { requireHistory } from './turn.js';

/** A process as JSON, complete (process-semantics §1). */
export interface ProcessDocument {
  readonly id: string;
  readonly title: string;
  readonly isRunning: boolean;
  readonly tags: readonly string[];
  /** The normalised scenario with its id. */
  readonly scenario: CompiledScenario['document'];
  readonly actors: Readonly<Record<string, Actor>>;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly result: unknown;
  readonly current: CurrentState;
  readonly previous: readonly LogEntry[];
  readonly events: readonly ProcessEvent[];
}

/** A process as JSON without its scenario and its past: what to store with every change. */
export interface ProcessSnapshot extends Omit<ProcessDocument, 'scenario' | 'previous' | 'events'> {
  /** Id of the scenario. */
  readonly scenario: string;
  readonly fired: readonly number[];
  readonly head: Head;
}

/**
 * The document shares its parts with the process: do not change them.
 * @throws ProcessError `history-required` when the process was loaded without its past.
 */
export function toDocument(process: Process): ProcessDocument {
  const { id, title, isRunning, tags, scenario, actors, vars, result, current } = process;
  const { events, previous } = requireHistory(process);
  return {
    id,
    title,
    isRunning,
    tags,
    scenario: scenario.document,
    actors,
    vars,
    result,
    current,
    previous: previous.toArray(),
    events: events.toArray(),
  };
}

/**
 * @param document shared, not copied: do not change it afterwards.
 * @throws ProcessError `Process has no events`, or when the document belongs to another scenario.
 */
export function fromDocument(scenario: CompiledScenario, document: ProcessDocument): Process {
  const { events, previous, scenario: own, ...state } = document;
  const last = events.at(-1);
  if (last === undefined) throw new ProcessError('invalid-value', 'Process has no events');
  assertScenario(scenario, own.id);
  return {
    ...state,
    scenario,
    fired: firedIn(scenario, state.current, events),
    head: { hash: last.hash, timestamp: last.timestamp, count: events.length },
    history: { events: Sequence.of(events), previous: Sequence.of(previous) },
  };
}

/** The snapshot shares its parts with the process: do not change them. */
export function toSnapshot(process: Process): ProcessSnapshot {
  const { history: _history, scenario, ...state } = process;
  return { ...state, scenario: scenario.id };
}

/**
 * @param history the past, where the scenario reads it or a complete document is wanted.
 * @throws ProcessError when the snapshot belongs to another scenario.
 */
export function fromSnapshot(
  scenario: CompiledScenario,
  snapshot: ProcessSnapshot,
  history?: { readonly events: readonly ProcessEvent[]; readonly previous: readonly LogEntry[] },
): Process {
  assertScenario(scenario, snapshot.scenario);
  return {
    ...snapshot,
    scenario,
    history: history && { events: Sequence.of(history.events), previous: Sequence.of(history.previous) },
  };
}

function assertScenario(scenario: CompiledScenario, id: string): void {
  if (id === scenario.id) return;
  throw new ProcessError('invalid-value', `Process runs scenario '${id}', not '${scenario.id}'`);
}

/**
 * A document does not say which timeouts with `goto: null` have fired, but its timeout events since the entry do. Times and
 * conditions that may have been others when they fired are known only to who does it all again.
 */
function firedIn(
  scenario: CompiledScenario,
  current: CurrentState,
  events: readonly ProcessEvent[],
): readonly number[] {
  const since = events.filter((event) => isTimeoutEvent(event) && event.timestamp > current.timestamp);
  if (since.length === 0) return [];
  const waiting = staying(scenario.document.states[current.key]);
  if (waiting.some(({ after }) => after === undefined)) return replay(scenario, events).fired;
  const fired: number[] = [];
  for (const { timestamp } of since) {
    const elapsed = secondsBetween(current.timestamp, timestamp);
    const next = waiting.find(({ index, after = 0 }) => after <= elapsed && !fired.includes(index));
    if (next) fired.push(next.index);
  }
  return fired;
}

/** The timeouts of a state that do not leave it, by `after`; undefined for an absolute one, and one on a condition. */
function staying(state: State | undefined): { index: number; after: number | undefined }[] {
  const transitions = state && isActiveState(state) ? state.transitions : [];
  return transitions
    .flatMap((transition, index) => {
      if (!isTimeoutTransition(transition) || transition.goto !== null || transition.if === false) return [];
      const isSure = !isAbsoluteTimeout(transition) && transition.if === true;
      return [{ index, after: isSure ? transition.after : undefined }];
    })
    .sort((a, b) => (a.after ?? 0) - (b.after ?? 0));
}
