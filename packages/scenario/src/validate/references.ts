import { isDataFunction } from '../normalize/data-function.js';
import { isService } from '../normalize/index.js';
import { isObject } from '../normalize/json.js';
import { pointer } from '../yaml/safe-document.js';
import { finding, type Finding } from './finding.js';

/** Every error lists what would have been right; many errors times many names must not fill the memory. */
const MAX_SUGGESTIONS = 100;

/** The checks of references within a scenario (scenario-language §8.3). Skips what has not the right structure. */
export function* referenceErrors(scenario: Readonly<Record<string, unknown>>): Generator<Finding> {
  yield* actorErrors(scenario);
  yield* gotoErrors(scenario);
}

function* actorErrors({ actors = { actor: {} }, actions }: Readonly<Record<string, unknown>>): Generator<Finding> {
  if (!isObject(actors) || !isObject(actions)) return;
  const allowedValues = Object.keys(actors).slice(0, MAX_SUGGESTIONS);
  for (const [key, action] of Object.entries(actions)) {
    if (!isObject(action) || isDataFunction(action.actor)) continue;
    for (const value of [action.actor].flat()) {
      if (typeof value !== 'string' || value === '*' || isService(value) || Object.hasOwn(actors, value)) continue;
      yield finding(pointer(['actions', key, 'actor']), 'must reference an actor or service', { value, allowedValues });
    }
  }
}

function* gotoErrors({ states }: Readonly<Record<string, unknown>>): Generator<Finding> {
  if (!isObject(states)) return;
  const declared = new Set(Object.keys(states).filter((key) => key !== '*'));
  const allowedValues = [...declared].slice(0, MAX_SUGGESTIONS);
  for (const [path, { goto: value }] of placesWithGoto(states)) {
    if (typeof value !== 'string' || declared.has(value) || /^\(.*\)$/s.test(value)) continue;
    yield finding(pointer([...path, 'goto']), 'must reference a state', { value, allowedValues });
  }
}

/** The states and transitions of a scenario, with their paths. */
export function* placesWithGoto(
  states: Readonly<Record<string, unknown>>,
): Generator<[string[], Record<string, unknown>]> {
  for (const [key, state] of Object.entries(states)) {
    if (!isObject(state)) continue;
    yield [['states', key], state];
    if (!Array.isArray(state.transitions)) continue;
    for (const [index, transition] of state.transitions.entries()) {
      if (isObject(transition)) yield [['states', key, 'transitions', String(index)], transition];
    }
  }
}
