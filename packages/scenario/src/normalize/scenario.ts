import type { Limits } from '../limits.js';
import { normalizeAction } from './actions.js';
import { normalizeActor } from './actors.js';
import { objectOrEmpty } from './error.js';
import { Expansion } from './expansion.js';
import { implicitActions, implicitEndStates, withImplicitNotify } from './implicit.js';
import { isObject, mapValues } from './json.js';
import type { NormalizedScenario } from './normalized.js';
import { normalizeSchema } from './simplified-schema.js';
import { normalizeStates } from './states.js';
import { titleFromKey } from './title.js';

/**
 * The algorithm of scenario-language §5, in its order: later steps read what earlier ones wrote. No step reads what it
 * writes itself, so the order of keys does not matter.
 * @param scenario a copy that may be reused in the result.
 */
export function normalizeScenarioObject(
  scenario: Readonly<Record<string, unknown>>,
  limits: Limits,
): NormalizedScenario {
  const expansion = new Expansion(limits);
  const map = (name: string) => objectOrEmpty(scenario[name], name);
  const actors = mapValues(scenario.actors == null ? { actor: {} } : map('actors'), (actor, key) =>
    normalizeActor(key, actor),
  );
  const explicit = mapValues(map('actions'), (action, key) => normalizeAction(key, action));
  const declared = normalizeStates(map('states'), explicit, expansion);
  const actions = { ...explicit, ...implicitActions(declared, Object.keys(actors), explicit, expansion) };
  return {
    ...scenario,
    title: scenario.title ?? '',
    description: scenario.description ?? '',
    tags: scenario.tags ?? [],
    actors,
    actions,
    states: { ...withImplicitNotify(declared, actions), ...implicitEndStates(declared) },
    vars: mapValues(map('vars'), (variable, name) => normalizeVariable(name, variable)),
    result: scenario.result ? normalizeSchema(scenario.result) : {},
  } as NormalizedScenario;
}

function normalizeVariable(name: string, authored: unknown) {
  const schema = normalizeSchema(authored);
  return isObject(schema) ? { ...schema, title: schema.title ?? titleFromKey(name) } : schema;
}
