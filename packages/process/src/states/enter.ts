import type { CompiledAction, CompiledScenario, CompiledState } from '@handover/scenario';

import { ProcessError } from '../error.js';
import { extend } from '../json.js';
import type { AvailableAction, CurrentState } from '../process.js';
import type { Draft } from '../turn.js';
import { offer } from './action.js';
import { isTaken } from './transition.js';

/** @throws ProcessError `State '<key>' not found in scenario`. */
export function stateOf(scenario: CompiledScenario, key: string): CompiledState {
  const state = scenario.states.get(key);
  if (!state) throw new ProcessError('not-in-scenario', `State '${key}' not found in scenario`);
  return state;
}

/**
 * The state a process is about to be in, evaluated while `draft.current` is still the old one (process-semantics §2.4).
 * @param timestamp when it is entered.
 */
export function enterState(scenario: CompiledScenario, key: string, timestamp: string, draft: Draft): CurrentState {
  const state = stateOf(scenario, key);
  const actions = offeredActions(scenario, state, draft);
  return extend<CurrentState>(state.content(draft), { key, timestamp, actions });
}

function offeredActions(scenario: CompiledScenario, state: CompiledState, draft: Draft): AvailableAction[] {
  const by = new Map<string, string[]>();
  // All transitions are evaluated, though only those of actions matter here: a failing one shows on entry.
  for (const transition of state.transitions) {
    const { on } = transition;
    if (!isTaken(transition, draft) || typeof on !== 'string') continue;
    const references = by.get(on);
    if (references) references.push(...transition.by);
    else by.set(on, [...transition.by]);
  }
  const actions: AvailableAction[] = [];
  for (const [name, references] of by) {
    const offered = offer(actionOf(scenario, state, name), name, references, draft);
    if (offered) actions.push(offered);
  }
  return actions;
}

function actionOf(scenario: CompiledScenario, { key }: CompiledState, name: string): CompiledAction {
  const action = scenario.action(key, name);
  if (action) return action;
  throw new ProcessError(
    'not-in-scenario',
    `Action '${name}' is used in state '${key}', but not defined in the scenario`,
  );
}
