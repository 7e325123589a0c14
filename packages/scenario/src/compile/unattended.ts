import { isService, type NormalizedScenario } from '../normalize/index.js';
import { abilitiesOf } from './abilities.js';

/**
 * Whether a scenario runs without a person: in every state only services, and time, move it on. An action whose actors come
 * from an expression may be anybody's, so it counts as a person's.
 */
export function isUnattended(scenario: NormalizedScenario): boolean {
  return abilitiesOf(scenario).actions.every(({ state, action, by }) => {
    if (by.every(isService)) return true;
    const actor: unknown = (scenario.actions[`${state}.${action}`] ?? scenario.actions[action])?.actor;
    return Array.isArray(actor) && actor.every((one) => typeof one === 'string' && isService(one));
  });
}
