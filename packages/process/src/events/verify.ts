import { isObject } from '../json.js';
import { isInstantiateEvent, isMigrationEvent, type ProcessEvent } from './event.js';
import { isSealed } from './seal.js';

/** What is verified: a process document, or just its events; `id` and `scenario` are held against the events if given. */
export interface Verifiable {
  readonly events: readonly ProcessEvent[];
  readonly id?: string;
  readonly scenario?: { readonly id?: string };
}

export interface Verification {
  readonly valid: boolean;
  /** Number of events. */
  readonly events: number;
  /** Hash of the last event; undefined without events. */
  readonly head: string | undefined;
  /** The first event that does not hold. */
  readonly firstInvalid?: { readonly index: number; readonly reason: string };
}

/**
 * Recomputes every hash of a process and checks that each event follows the one before (process-semantics §6). Who keeps
 * the head elsewhere knows that nothing before it was changed.
 */
export function verify(document: Verifiable): Verification {
  const { events } = document;
  const result = { events: events.length, head: events.at(-1)?.hash };
  const state: ChainState = { previous: undefined, scenario: undefined };
  for (const [index, event] of events.entries()) {
    const reason = fault(event, index, document, state);
    if (reason !== undefined) return { valid: false, ...result, firstInvalid: { index, reason } };
  }
  const reason = finalFault(document, state);
  if (reason === undefined) return { valid: true, ...result };
  return { valid: false, ...result, firstInvalid: { index: Math.max(0, events.length - 1), reason } };
}

interface ChainState {
  /** Hash of the event before. */
  previous: string | undefined;
  /** Id of the scenario the events lead to. */
  scenario: string | undefined;
}

function fault(event: ProcessEvent, index: number, { id }: Verifiable, state: ChainState): string | undefined {
  const isFirst = index === 0;
  if (!isObject(event)) return 'Not an event';
  if (isInstantiateEvent(event) !== isFirst) {
    return isFirst
      ? 'The first event must instantiate the process'
      : 'Only the first event may instantiate the process';
  }
  if (!isSealed(event)) return 'The content does not match the hash';
  if (isInstantiateEvent(event)) {
    if (id !== undefined && event.id !== id) return `The event belongs to process '${event.id}'`;
    state.scenario = event.scenario;
  } else if (event.previous !== state.previous) {
    return 'The event does not follow the one before';
  } else if (isMigrationEvent(event)) {
    if (event.migration.from !== state.scenario) return `The process did not run scenario '${event.migration.from}'`;
    state.scenario = event.migration.to;
  }
  state.previous = event.hash;
  return undefined;
}

function finalFault({ events, scenario }: Verifiable, state: ChainState): string | undefined {
  if (events.length === 0) return 'Process has no events';
  const id = scenario?.id;
  return id === undefined || id === state.scenario ? undefined : `The events lead to scenario '${state.scenario}'`;
}
