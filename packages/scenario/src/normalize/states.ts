import { listOf } from './actions.js';
import { objectOrEmpty } from './error.js';
import type { Expansion } from './expansion.js';
import { isActiveState, type NormalizedScenario, type State } from './normalized.js';
import { actionsByService, normalizeNotify, type Actions } from './notify.js';
import { titleFromKey } from './title.js';
import { isAbsolute, normalizeTransitions } from './transitions.js';

const WILDCARD = '*';
type States = NormalizedScenario['states'];

/**
 * All states the author wrote, with the wildcard state `*` merged into the others (scenario-language §5.5, §5.10).
 * @param actions those the author wrote.
 * @throws NormalizeError when a state is not an object, or a transition or notify of it is wrong.
 * @throws LimitExceeded when the wildcard state would make too much of it.
 */
export function normalizeStates(
  authored: Readonly<Record<string, unknown>>,
  actions: Actions,
  expansion: Expansion,
): States {
  const states: States = Object.fromEntries(
    Object.entries(authored).map(([key, state]) => [key, normalizeState(key, state, actions)]),
  );
  const { [WILDCARD]: wildcard, ...declared } = states;
  if (!wildcard) return declared;
  const parts = wildcard.notify.length + (isActiveState(wildcard) ? wildcard.transitions.length : 0);
  expansion.charge(parts * Object.keys(declared).length);
  return Object.fromEntries(Object.entries(declared).map(([key, state]) => [key, mergeWildcard(state, wildcard)]));
}

function normalizeState(key: string, authored: unknown, actions: Actions): State {
  const state = objectOrEmpty(authored, `state '${key}'`);
  const base = {
    ...state,
    title: state.title ?? titleFromKey(key),
    description: state.description ?? '',
    instructions: state.instructions ?? {},
  };
  if (!('transitions' in state) && !('goto' in state)) {
    const tag = key === WILDCARD ? {} : { tag: listOf(state.tag ?? key) };
    return { ...base, ...tag, notify: normalizeNotify(key, state.notify, new Map()) } as State;
  }
  const { on: _on, by: _by, after: _after, goto: _goto, ...rest } = base as Record<string, unknown>;
  if (isAbsolute(state)) delete rest.at;
  const transitions = normalizeTransitions(key, state);
  const triggers = actionsByService(transitions, actions);
  return { ...rest, transitions, notify: normalizeNotify(key, state.notify, triggers) } as State;
}

/** End states stay end states: they take neither the way out nor the tag of the wildcard state. */
function mergeWildcard(state: State, wildcard: State): State {
  const { transitions: _transitions, tag: _tag, ...shared } = wildcard;
  const merged = {
    ...shared,
    ...state,
    instructions: { ...wildcard.instructions, ...state.instructions },
    notify: [...state.notify, ...wildcard.notify],
  };
  if (!isActiveState(state) || !isActiveState(wildcard)) return merged;
  return { ...merged, transitions: [...state.transitions, ...wildcard.transitions] };
}
