import { scenarioId } from '../identity/index.js';
import type { ExpressionOptions } from '../jmespath/index.js';
import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import type { Actor, NormalizedScenario } from '../normalize/index.js';
import { createSchemaCompiler, emptyRegistry, type SchemaRegistry } from '../schema/index.js';
import { abilitiesOf } from './abilities.js';
import { compileAction, maySetPrevious } from './action.js';
import { createValueCompiler } from './functions.js';
import type { CompiledActor, CompiledScenario } from './scenario.js';
import { createScenarioSchemas, type ScenarioSchemas } from './schemas.js';
import { compileState } from './state.js';

export interface CompileOptions {
  /** Where `$ref`s to other documents are looked up; nowhere by default. */
  readonly schemas?: SchemaRegistry;
  /** Functions for expressions, beside the built-in ones. */
  readonly functions?: ExpressionOptions['functions'];
  readonly limits?: Limits;
}

/**
 * Turns a normalised scenario into the form processes run on. Do it once per scenario and keep the result.
 * The document is shared, not copied: do not change it afterwards.
 *
 * Broken expressions and schemas do not fail here but where they are first used, as in the reference; validate a
 * scenario before you store it to find them early.
 *
 * @param scenario output of `normalize`; its own `id` is trusted when it has one (scenario-language §7.4).
 */
export function compile(scenario: NormalizedScenario, options: CompileOptions = {}): CompiledScenario {
  const { schemas: registry = emptyRegistry, functions, limits = DEFAULT_LIMITS } = options;
  const values = createValueCompiler({ limits, ...(functions && { functions }) });
  const schemas = createScenarioSchemas(createSchemaCompiler(registry, limits), registry);
  const id = scenario.id ?? scenarioId(scenario);

  const actions = mapOf(scenario.actions, (action) => compileAction(action, values, schemas));
  const states = mapOf(scenario.states, (state, key) => compileState(key, state, values));
  return {
    id,
    document: { ...scenario, id },
    actors: mapOf(scenario.actors, (actor, key) => compileActor(key, actor, schemas)),
    states,
    vars: mapOf(scenario.vars, (schema) => schemas.declare(schema)),
    result: schemas.declare(scenario.result),
    limits,
    reads: values.reads,
    readsHistory: ['previous', 'events', '*'].some((member) => values.reads.has(member)) || setsPrevious(scenario),
    abilities: abilitiesOf(scenario),
    action: (state, name) => actions.get(`${state}.${name}`) ?? actions.get(name),
    schemaOf: (schema) => schemas.of(schema),
  };
}

function compileActor(key: string, actor: Actor, schemas: ScenarioSchemas): CompiledActor {
  const { role, ...schema } = actor;
  return {
    key,
    isWildcard: key.endsWith('*'),
    title: actor.title,
    role: role !== undefined && role.length > 0 ? role : undefined,
    schema: schemas.declare(schema),
  };
}

const setsPrevious = (scenario: NormalizedScenario): boolean =>
  Object.values(scenario.actions).some(({ update }) => update.some(maySetPrevious));

function mapOf<T, R>(entries: Readonly<Record<string, T>>, compiled: (value: T, key: string) => R): Map<string, R> {
  return new Map(Object.entries(entries).map(([key, value]) => [key, compiled(value, key)]));
}
