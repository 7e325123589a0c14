import type { JsonSchema } from '../schema/index.js';
import type { JsonObject, JsonValue } from './json.js';

/**
 * The normalised scenario: every shorthand written out, every default filled in, every implicit action, notify and
 * end state made explicit (scenario-language §5.15). This is the one shape that is identified, compiled and run.
 *
 * Index signatures mark the places where an author's own properties are carried along (§2).
 */

/** A value computed from the process when it is needed (§6). Exactly one of the three keys counts. */
export type DataFunction = { '<ref>': JsonValue } | { '<tpl>': JsonValue } | { '<select>': JsonValue };

/** A constant of type T, or a data function that yields one. */
export type Computed<T> = T | DataFunction;

/** What a new log entry of the process is made of (§2.7). */
export interface Log {
  title: Computed<string>;
  description: Computed<string>;
  if: Computed<boolean>;
  [extra: string]: unknown;
}

/** Taken when an allowed actor performs the action `on`, or, with `on: null`, as soon as the state is entered. */
export interface ActionTransition {
  on: string | null;
  /** Actor keys, wildcard keys, `*` or `service:NAME`. */
  by: string[];
  if: Computed<boolean>;
  /** Key of the state to enter; null stays in the state. */
  goto: string | null;
  log: Log;
  [extra: string]: unknown;
}

/** Taken when time has passed: `after` seconds in the state, or when it is the time `at`. */
export type TimeoutTransition = RelativeTimeout | AbsoluteTimeout;

interface Timeout {
  if: Computed<boolean>;
  goto: string | null;
  log: Log;
  [extra: string]: unknown;
}

export interface RelativeTimeout extends Timeout {
  after: number;
}

/** An extension of ours (decision 13). */
export interface AbsoluteTimeout extends Timeout {
  /** An ISO-8601 time with its zone; null: no time is set, so it is not taken. */
  at: Computed<string> | null;
}

export type Transition = ActionTransition | TimeoutTransition;

/** A service to tell when a state is entered (§2.8). */
export interface Notify {
  service: string;
  /** Delay in seconds. */
  after: number;
  if: Computed<boolean>;
  /** Key of the action that the service's reply performs; null when the reply performs none. */
  trigger: Computed<string> | null;
  message?: Computed<string> | JsonObject;
}

interface StateBase {
  title: Computed<string>;
  description: Computed<string>;
  /** By actor key or `service:NAME`. */
  instructions: Record<string, Computed<string>>;
  notify: Notify[];
  /** Id of the application's own schema for this state (§8.4). */
  schema?: string;
  [extra: string]: unknown;
}

/** A state with a way out. */
export interface ActiveState extends StateBase {
  transitions: Transition[];
}

/** A state that ends the process and marks it with its tags. */
export interface EndState extends StateBase {
  tag: string[];
}

export type State = ActiveState | EndState;

/** How a step changes the process (§2.4). */
export interface UpdateInstruction {
  /** Path to set, for example `vars.amount`. */
  set: Computed<string>;
  value: JsonValue;
  /** Used in place of `value` when predicting; null when there is none. */
  stub: JsonValue;
  mode: 'replace' | 'merge' | 'append';
  if: Computed<boolean>;
}

/** What an actor can do (§2.3). Keyed `NAME`, or `STATE.NAME` for one state only. */
export interface Action {
  title: string;
  description: Computed<string>;
  if: Computed<boolean>;
  /** Actor keys, wildcard keys, `*` or `service:NAME`; a data function for one item or for the whole. */
  actor: Computed<string>[] | DataFunction;
  /** Schema of the response; a data function yields the schema. `{}` accepts anything. */
  response: JsonSchema | DataFunction;
  update: UpdateInstruction[];
  /** Id of the application's own schema for this action (§8.4). */
  schema?: string;
  [extra: string]: unknown;
}

/** The schema of an actor's object in the process, with its fixed role beside it (§2.2). */
export interface Actor {
  title: string;
  role?: string | string[];
  [keyword: string]: JsonValue | undefined;
}

export interface NormalizedScenario {
  $schema: string;
  /** Present only if the author wrote it; then it is trusted as the scenario's id (§7). */
  id?: string;
  name?: string;
  version?: string;
  title: string;
  description: string;
  tags: string[];
  /** A key ending in `*` declares any number of actors. */
  actors: Record<string, Actor>;
  actions: Record<string, Action>;
  /** The wildcard state `*` is merged into the others and gone. */
  states: Record<string, State>;
  vars: Record<string, JsonSchema>;
  result: JsonSchema;
  [extra: string]: unknown;
}

/** Has a way out: decides between the two kinds of state. */
export const isActiveState = (state: State): state is ActiveState => 'transitions' in state;

/** Waits for time to pass, not for an action: decides between the two kinds of transition. */
export const isTimeoutTransition = (transition: Transition): transition is TimeoutTransition => !('on' in transition);

/** Waits for a time, not for a time to pass: decides between the two kinds of timeout. Beside `after`, `at` means nothing. */
export const isAbsoluteTimeout = (timeout: TimeoutTransition): timeout is AbsoluteTimeout =>
  'at' in timeout && !('after' in timeout);
