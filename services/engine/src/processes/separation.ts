import { HandoverError } from '@handover/contracts';
import { isActionEvent, type Process } from '@handover/process';
import { isService, wildcardOf, type NormalizedScenario } from '@handover/scenario';
import type { StepActor } from './acting.js';

/**
 * Separation of duties, an extension of ours (decision 13): `not_by: <action or actor>`, or a list of them, on an action keeps
 * one user from doing both. It looks at who acted, not as which actor: roles, keys and As-Actor do not get around it.
 */
type Rules = ReadonlyMap<string, ReadonlySet<string>>;

const known = new WeakMap<object, Rules>();

/** What each action's doers must not have done, by the action's name; the forms it has in single states count together. */
function rulesOf(scenario: Pick<NormalizedScenario, 'actions'>): Rules {
  const found = known.get(scenario);
  if (found) return found;
  const rules = new Map<string, Set<string>>();
  for (const [key, action] of Object.entries(scenario.actions)) {
    for (const name of namesIn(action.not_by))
      rules.set(plainName(key), (rules.get(plainName(key)) ?? new Set()).add(name));
  }
  known.set(scenario, rules);
  return rules;
}

const namesIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((name) => typeof name === 'string');
const plainName = (action: string): string => action.slice(action.lastIndexOf('.') + 1);

/** Whether a step has to know who did what before. */
export function separatesDuties({ document }: { readonly document: NormalizedScenario }): boolean {
  return rulesOf(document).size > 0;
}

/**
 * @throws HandoverError `forbidden` when the same user, key or service did before what must not be done by who does this
 */
export function requireSeparation(process: Process, action: string, performer: StepActor): void {
  const rules = rulesOf(process.scenario.document);
  if (rules.size === 0) return;
  if (!process.history) throw new Error('the history is needed to tell who did what');
  const conflict = process.history.events
    .toArray()
    .filter(isActionEvent)
    .find(
      (event) =>
        !event.skipped &&
        isSame(event.actor, performer) &&
        (excludes(rules, action, event.action, event.actor.key) ||
          excludes(rules, event.action, action, performer.key)),
    );
  if (!conflict) return;
  throw new HandoverError('forbidden', `Not allowed to perform action '${action}' after '${conflict.action}'`);
}

function excludes(rules: Rules, action: string, other: string, actor: string): boolean {
  const names = rules.get(action);
  return names !== undefined && [other, actor, wildcardOf(actor)].some((name) => names.has(name));
}

interface Doer {
  readonly key: string;
  readonly id?: string | null | undefined;
  readonly [info: string]: unknown;
}

function isSame(one: Doer, other: Doer): boolean {
  if (one.id != null && one.id === other.id) return true;
  if (one.apikey != null && one.apikey === other.apikey) return true;
  return isService(one.key) && one.key === other.key;
}

/** @throws HandoverError `invalid_scenario` when a `not_by` names nothing: it would silently separate nobody */
export function requireSoundSeparation({ actions, actors }: NormalizedScenario): void {
  const names = new Set([...Object.keys(actions).map(plainName), ...Object.keys(actors)]);
  const errors = Object.entries(actions)
    .filter(([, { not_by: value }]) => value !== undefined && !isSound(value, names))
    .map(([key]) => ({
      pointer: `/actions/${key.replaceAll('~', '~0').replaceAll('/', '~1')}/not_by`,
      detail: 'must be the name of an action or the key of an actor of the scenario, or a list of them',
    }));
  if (errors.length > 0) throw new HandoverError('invalid_scenario', 'The scenario is not valid', { errors });
}

function isSound(value: unknown, names: ReadonlySet<string>): boolean {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  return given.length > 0 && given.every((name) => typeof name === 'string' && (names.has(name) || isService(name)));
}
