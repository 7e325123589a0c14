import type { CompiledScenario, NotifyEntry } from '@handover/scenario';

import type { EventActor, ProcessEvent } from './events/event.js';
import type { Sequence } from './events/sequence.js';

/** An actor of a process: the object its schema describes. */
export interface Actor {
  readonly id?: string;
  readonly title?: string;
  readonly role?: string | readonly string[];
  readonly [property: string]: unknown;
}

/** What actors can do in the current state. Advisory: a step decides again (process-semantics §2.4). */
export interface AvailableAction {
  readonly key: string;
  readonly title: unknown;
  readonly description: unknown;
  /** Keys of the actors and `service:NAME` of the services that may do it. */
  readonly actor: readonly string[];
  /** JSON Schema of the response; `{}` accepts anything. */
  readonly response: unknown;
  readonly [extra: string]: unknown;
}

/** The state a process is in, with the scenario's data functions evaluated. */
export interface CurrentState {
  readonly key: string;
  /** When it was entered; `goto: null` leaves it as it was. */
  readonly timestamp: string;
  readonly title: unknown;
  readonly description: unknown;
  readonly instructions: Readonly<Record<string, unknown>>;
  readonly notify: readonly NotifyEntry[];
  readonly actions: readonly AvailableAction[];
  readonly [extra: string]: unknown;
}

/** One line of what happened, in the author's words. */
export interface LogEntry {
  readonly title?: unknown;
  readonly description?: unknown;
  readonly timestamp?: string;
  readonly actor?: EventActor;
  readonly [extra: string]: unknown;
}

/** The end of the chain: all that a step needs of the past, unless the scenario's expressions read it. */
export interface Head {
  readonly hash: string;
  readonly timestamp: string;
  /** Number of events up to here. */
  readonly count: number;
}

/** The past in full. */
export interface History {
  readonly events: Sequence<ProcessEvent>;
  /** The log, oldest first. */
  readonly previous: Sequence<LogEntry>;
}

/**
 * A process in its working form. Immutable: every operation returns a new one, which shares all that did not change.
 *
 * The past is optional. A process needs `history` only while `scenario.readsHistory`; without it a step costs the same
 * at event 10,000 as at event 10, and whoever stores processes keeps events and log in append-only tables.
 * The JSON form is made by `toDocument` (complete) or `toSnapshot` (without scenario and past).
 */
export interface Process {
  readonly scenario: CompiledScenario;
  readonly id: string;
  readonly title: string;
  readonly isRunning: boolean;
  readonly tags: readonly string[];
  readonly actors: Readonly<Record<string, Actor>>;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly result: unknown;
  readonly current: CurrentState;
  /** Positions of the timeouts with `goto: null` that fired since the current state was entered. */
  readonly fired: readonly number[];
  readonly head: Head;
  readonly history: History | undefined;
}

/** How an operation changed the log. */
export interface LogChange {
  /** The log was replaced by `entries` (an update set `previous`); otherwise they were added at its end. */
  readonly rewritten: boolean;
  readonly entries: readonly LogEntry[];
}

/** What an operation did: the process after it, and what there is to store and to tell. */
export interface Change<E extends ProcessEvent = ProcessEvent> {
  readonly process: Process;
  /** The event that records it. */
  readonly event: E;
  readonly log: LogChange;
  /** A state was entered, be it the same again: services are to be notified, timers start anew. */
  readonly entered: boolean;
}

/** @returns the process without its past, as far as its scenario can do without. */
export function withoutHistory(process: Process): Process {
  return process.scenario.readsHistory ? process : { ...process, history: undefined };
}

/** @returns the hash of the last event: changes with every event, so it serves as the version of a process (§6.3). */
export const etag = (process: Process): string => process.head.hash;

/** @returns the time of the last event as an HTTP date, e.g. `Thu, 01 Jan 2026 00:00:00 GMT` (§6.3). */
export const lastModified = (process: Process): string => new Date(process.head.timestamp).toUTCString();

/** @returns whether the process has come to an end state. */
export const hasEnded = (process: Process): boolean => !process.isRunning;
