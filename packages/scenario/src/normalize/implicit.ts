import { isService, wildcardOf } from './actor-key.js';
import { NormalizeError } from './error.js';
import type { Expansion } from './expansion.js';
import {
  isActiveState,
  isTimeoutTransition,
  type Action,
  type EndState,
  type NormalizedScenario,
} from './normalized.js';
import { implicitNotify, type Actions } from './notify.js';
import { titleFromKey } from './title.js';

type States = NormalizedScenario['states'];

/**
 * The actions that transitions speak of but nobody wrote, one for each state (scenario-language §5.12), keyed
 * `STATE.ACTION`. Open to the actors its transitions are `by`.
 * @throws NormalizeError when two states need the same key for different actions.
 * @throws LimitExceeded when all their actors together are too many.
 */
export function implicitActions(
  states: States,
  actors: readonly string[],
  explicit: Actions,
  expansion: Expansion,
): Record<string, Action> {
  const allowed = new Map<string, { state: string; name: string; actors: Set<string> }>();
  for (const [state, name, by] of actionsOfStates(states)) {
    const key = `${state}.${name}`;
    if (Object.hasOwn(explicit, name) || Object.hasOwn(explicit, key)) continue;
    const action = allowed.get(key) ?? { state, name, actors: new Set() };
    if (action.state !== state) throw new NormalizeError(clash(key));
    allowed.set(key, action);
    const performing = performers(by, actors);
    expansion.charge(performing.length);
    for (const actor of performing) action.actors.add(actor);
  }
  return Object.fromEntries(
    [...allowed].map(([key, { name, actors: performing }]) => {
      const title = titleFromKey(name);
      return [key, { title, description: '', if: true, actor: [...performing], response: {}, update: [] }];
    }),
  );
}

/** Action `c` of state `a.b` and action `b.c` of state `a` have the same key. */
const clash = (key: string): string =>
  `Unable to create implicit action '${key}', because key is used for action in scenario`;

/** The actors of a scenario that `by` lets perform, then the services it names. */
function performers(by: readonly string[], actors: readonly string[]): string[] {
  const allowed = new Set(by);
  const among = allowed.has('*')
    ? actors
    : actors.filter((actor) => allowed.has(actor) || allowed.has(wildcardOf(actor)));
  return [...among, ...by.filter(isService)];
}

function* actionsOfStates(states: States): Generator<[state: string, action: string, by: string[]]> {
  for (const [key, state] of Object.entries(states)) {
    if (!isActiveState(state)) continue;
    for (const transition of state.transitions) {
      if (!isTimeoutTransition(transition) && transition.on !== null) yield [key, transition.on, transition.by];
    }
  }
}

/** The end states `(…)` that transitions lead to but nobody wrote (§5.13). */
export function implicitEndStates(states: States): Record<string, EndState> {
  const added: Record<string, EndState> = {};
  for (const state of Object.values(states)) {
    for (const { goto } of isActiveState(state) ? state.transitions : []) {
      if (typeof goto !== 'string' || !/^\(.+\)$/s.test(goto) || Object.hasOwn(states, goto)) continue;
      const title = titleFromKey(goto.slice(1, -1));
      added[goto] = { title, description: '', instructions: {}, notify: [], tag: [goto] };
    }
  }
  return added;
}

/**
 * The states, with an entry in `notify` for every service they wait for (§5.14).
 * @param actions all of them, so that it comes to the same when the implicit ones are written out.
 */
export function withImplicitNotify(states: States, actions: Actions): States {
  return Object.fromEntries(
    Object.entries(states).map(([key, state]) => {
      const implicit = isActiveState(state) ? implicitNotify(key, state, actions) : [];
      return [key, { ...state, notify: [...state.notify, ...implicit] }];
    }),
  );
}
