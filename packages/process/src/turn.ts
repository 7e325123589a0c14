import type { CompiledScenario } from '@handover/scenario';

import { ProcessError } from './error.js';
import type { ProcessEvent } from './events/event.js';
import { Sequence } from './events/sequence.js';
import type { Actor, Change, CurrentState, History, LogEntry, Process } from './process.js';

/** The current state while an action is under way (process-semantics §3 step 4). */
export interface ActingState extends CurrentState {
  readonly response?: unknown;
  readonly actor?: unknown;
  readonly action?: unknown;
}

/**
 * The process document as expressions see it. Never changed in place, because an expression may have taken a part of it;
 * `previous` and `events` are complete when the scenario reads them, and empty otherwise.
 */
export interface Draft {
  readonly id: string;
  readonly title: unknown;
  readonly isRunning: boolean;
  readonly tags: unknown;
  readonly scenario: CompiledScenario['document'];
  readonly actors: Readonly<Record<string, Actor>>;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly result: unknown;
  readonly events: readonly ProcessEvent[];
  readonly previous: readonly LogEntry[];
  readonly current?: ActingState;
  readonly is_prediction?: true;
}

/** One operation under way: what it was started by, and how far it has got. Lives no longer than the operation. */
export interface Turn<E extends ProcessEvent = ProcessEvent> {
  readonly scenario: CompiledScenario;
  /** The process before. */
  readonly process: Process | undefined;
  readonly event: E;
  readonly predicting: boolean;
  draft: Draft;
  /** Log entries made so far; the whole log once it was rewritten. */
  log: LogEntry[];
  rewritten: boolean;
  entered: boolean;
  fired: readonly number[];
}

/**
 * @param event the one under way, if there is one; then it is the last that expressions see.
 * @param current what expressions see as the current state.
 * @throws ProcessError `history-required` when expressions read a past that was not loaded.
 */
export function viewOf(
  process: Process,
  event?: ProcessEvent,
  current: ActingState = process.current,
  predicting = false,
): Draft {
  const { scenario, id, title, isRunning, tags, actors, vars, result } = process;
  const past = scenario.readsHistory ? requireHistory(process) : undefined;
  const events = event && past ? past.events.append(event) : past?.events;
  return {
    id,
    title,
    isRunning,
    tags,
    scenario: scenario.document,
    actors,
    vars,
    result,
    events: events?.toArray() ?? [],
    previous: past?.previous.toArray() ?? [],
    current,
    ...(predicting && { is_prediction: true }),
  };
}

/** Starts an operation on a process. @throws ProcessError `history-required`. */
export function beginTurn<E extends ProcessEvent>(
  process: Process,
  event: E,
  current: ActingState = process.current,
  predicting = false,
): Turn<E> {
  const { scenario, fired } = process;
  const draft = viewOf(process, event, current, predicting);
  return { scenario, process, event, predicting, draft, log: [], rewritten: false, entered: false, fired };
}

/** @throws ProcessError `history-required`. */
export function requireHistory(process: Process): History {
  if (process.history) return process.history;
  throw new ProcessError('history-required', `Process ${process.id} was loaded without its history`);
}

/** Closes a turn: the process as the draft has become, with the event at the end of its chain. */
export function endTurn<E extends ProcessEvent>(turn: Turn<E>): Change<E> {
  const { scenario, process, event, draft, log, rewritten, entered } = turn;
  const { current } = draft;
  if (current === undefined) throw new ProcessError('invalid-value', 'Process has no current state');
  const changed: Process = {
    scenario,
    id: draft.id,
    // The rules for processes (process-semantics §3.2) have made sure of the types.
    title: draft.title as string,
    isRunning: draft.isRunning,
    tags: draft.tags as readonly string[],
    actors: draft.actors,
    vars: draft.vars,
    result: draft.result,
    current,
    fired: entered ? [] : turn.fired,
    head: { hash: event.hash, timestamp: event.timestamp, count: (process?.head.count ?? 0) + 1 },
    history: continued(turn),
  };
  return { process: changed, event, log: { rewritten, entries: log }, entered };
}

function continued({ process, event, log, rewritten }: Turn): History | undefined {
  if (process === undefined) return { events: Sequence.of([event]), previous: Sequence.of(log) };
  if (process.history === undefined) return undefined;
  const { events, previous } = process.history;
  return {
    events: events.append(event),
    previous: rewritten ? Sequence.of(log) : log.reduce((all, entry) => all.append(entry), previous),
  };
}

/** @returns the process with nothing changed but its chain: how a refusal is recorded (process-semantics §3.3). */
export function recordOnly<E extends ProcessEvent>(process: Process, event: E): Change<E> {
  const { head, history } = process;
  return {
    process: {
      ...process,
      head: { hash: event.hash, timestamp: event.timestamp, count: head.count + 1 },
      history: history && { ...history, events: history.events.append(event) },
    },
    event,
    log: { rewritten: false, entries: [] },
    entered: false,
  };
}

/** Adds to the log. */
export function appendLog(turn: Turn, entry: LogEntry): void {
  turn.log.push(entry);
  if (turn.scenario.readsHistory) turn.draft = { ...turn.draft, previous: [...turn.draft.previous, entry] };
}

/** Replaces the log. */
export function rewriteLog(turn: Turn, entries: readonly LogEntry[]): void {
  turn.log = [...entries];
  turn.rewritten = true;
  turn.draft = { ...turn.draft, previous: turn.log.slice() };
}
