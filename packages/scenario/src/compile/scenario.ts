import type { Limits } from '../limits.js';
import type { NormalizedScenario } from '../normalize/index.js';
import type { CompiledSchema } from '../schema/index.js';
import type { Abilities } from './abilities.js';
import type { CompiledAction } from './action.js';
import type { CompiledState } from './state.js';

/** Who may take part: the schema of an actor's object in the process, and its fixed role. */
export interface CompiledActor {
  readonly key: string;
  /** The key ends in `*`: declares any number of actors, none of which is there from the start. */
  readonly isWildcard: boolean;
  readonly title: string | undefined;
  readonly role: string | readonly string[] | undefined;
  /** The actor's schema without `role`. */
  readonly schema: CompiledSchema;
}

/**
 * A scenario ready to run: everything parsed, indexed and known beforehand, so that a step parses nothing.
 * Immutable, free of any process, and safe to share; dropping it frees its validators.
 */
export interface CompiledScenario {
  readonly id: string;
  /** The normalised scenario with its id: what expressions see as `scenario`. */
  readonly document: NormalizedScenario & { readonly id: string };
  readonly actors: ReadonlyMap<string, CompiledActor>;
  readonly states: ReadonlyMap<string, CompiledState>;
  readonly vars: ReadonlyMap<string, CompiledSchema>;
  readonly result: CompiledSchema;
  readonly limits: Limits;
  /** What the scenario's expressions may read of a process; `*` when one may read all of it. */
  readonly reads: ReadonlySet<string>;
  /** Whether a step needs the past: an expression reads `previous` or `events`, or an update may set `previous`. */
  readonly readsHistory: boolean;
  /** Everything that can happen, with the state it happens in. */
  readonly abilities: Abilities;
  /** @returns the action a name means in a state: the state's own (`STATE.NAME`), else the general one. */
  action(state: string, name: string): CompiledAction | undefined;
  /** @returns the compiled form of a response schema, be it the scenario's own or one an expression yielded. */
  schemaOf(schema: object): CompiledSchema;
}
