import { listOf } from './actions.js';
import { isService, serviceName } from './actor-key.js';
import { toSeconds } from './duration.js';
import { NormalizeError, objectOrEmpty } from './error.js';
import { isTimeoutTransition, type Action, type Notify, type Transition } from './normalized.js';

/** Actions by key: `NAME` or `STATE.NAME`. */
export type Actions = Readonly<Record<string, Action>>;

/**
 * The notify entries of a state as the author wrote them (scenario-language §5.9).
 * @param triggers the actions that replies perform where the author names none: the only one for the service, if there is.
 * @throws NormalizeError when an entry is not an object, or its delay makes no sense.
 */
export function normalizeNotify(state: string, authored: unknown, triggers: ActionsByService): Notify[] {
  return listOf(authored).map((item) => {
    const entry = objectOrEmpty(typeof item === 'string' ? { service: item } : item, `notify of state '${state}'`);
    if (typeof entry.service !== 'string') throw new NormalizeError(`Invalid notify of state '${state}': no service`);
    const service = serviceName(entry.service);
    return {
      service,
      after: toSeconds(entry.after ?? 0),
      if: entry.if ?? true,
      trigger: entry.trigger ?? onlyOne(triggers.get(service)),
      ...(entry.message ? { message: entry.message } : {}),
    } as Notify;
  });
}

/** The actions of a state by the bare name of the service they are for. */
export type ActionsByService = ReadonlyMap<string, readonly string[]>;

/**
 * The actions of a state that are for a service (§5.9): because a transition is `by` it, or because the action, open to
 * all, names it as an actor. The same action twice counts as two.
 */
export function actionsByService(transitions: readonly Transition[], actions: Actions): ActionsByService {
  const found = new Map<string, string[]>();
  for (const { on, by } of actionTransitions(transitions)) {
    const references = new Set([...by.filter(isService), ...(by.includes('*') ? servicesOf(actions, on) : [])]);
    for (const reference of references) add(found, serviceName(reference), on);
  }
  return found;
}

/**
 * Entries for the services that a state waits for but does not notify (§5.14): those a transition is `by`, and, where
 * it is by anyone, those its action names. What `by` says counts first: the actions open to anyone name the trigger
 * only for a service that no other transition is for.
 */
export function implicitNotify(
  state: string,
  { transitions, notify }: { transitions: readonly Transition[]; notify: readonly Notify[] },
  actions: Actions,
): Notify[] {
  const named = new Map<string, string[]>();
  const open = new Map<string, string[]>();
  const services = new Set<string>();
  for (const { on, by } of actionTransitions(transitions)) {
    const isOpen = by.includes('*');
    const inAction = isOpen ? servicesOf(actions, `${state}.${on}`, on) : [];
    for (const service of new Set([...by.filter(isService), ...inAction].map(serviceName))) {
      services.add(service);
      add(isOpen ? open : named, service, on);
    }
  }
  for (const { service } of notify) services.delete(service);
  return [...services].map((service) => {
    return { service, after: 0, if: true, trigger: onlyOne(named.get(service) ?? open.get(service)) };
  });
}

function add(lists: Map<string, string[]>, key: string, item: string): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function actionTransitions(transitions: readonly Transition[]): { on: string; by: string[] }[] {
  return transitions.flatMap((transition) => {
    if (isTimeoutTransition(transition) || transition.on === null) return [];
    return [{ on: transition.on, by: transition.by }];
  });
}

/** @returns the services that the first of the actions that exists names outright. */
function servicesOf(actions: Actions, ...keys: string[]): string[] {
  const key = keys.find((candidate) => Object.hasOwn(actions, candidate));
  const actor = key === undefined ? [] : actions[key]?.actor;
  return Array.isArray(actor) ? actor.filter(isService) : [];
}

/** @returns the name when it is the only one. */
const onlyOne = (names: readonly string[] = []): string | null => (names.length === 1 ? (names[0] ?? null) : null);
