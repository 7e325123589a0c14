import { isObject } from '../json.js';
import type { Actor, Process } from '../process.js';

/** A person, as the one who authenticated them knows them. */
export interface User {
  readonly id: string;
  readonly roles?: readonly string[];
}

/**
 * Which actors of a process a user may act as: those assigned to the user's id, and those without an id whose role the
 * user has. An actor with neither is nobody's (engine-service §3.5).
 */
export function actorsOf(process: Process, user: User): string[] {
  return Object.entries(process.actors)
    .filter(([, actor]) => isPlayedBy(actor, user))
    .map(([key]) => key);
}

/**
 * Which actor a user performs an action as: the first in the action's list that the user may act as.
 * @returns undefined when the action is not available, or not to this user.
 */
export function actorFor(process: Process, action: string, user: User): string | undefined {
  const mine = new Set(actorsOf(process, user));
  return process.current.actions.find(({ key }) => key === action)?.actor.find((key) => mine.has(key));
}

/** Who may act as an actor of a process, as {@link actorsOf} decides it: users by id, and whoever has one of the roles. */
export function playersOf({ actors }: Process): { readonly users: string[]; readonly roles: string[] } {
  const users = new Set<string>();
  const roles = new Set<string>();
  for (const actor of Object.values(actors)) {
    if (!isObject(actor)) continue;
    if (actor.id) users.add(actor.id);
    else for (const role of rolesOf(actor.role)) roles.add(role);
  }
  // What else an update may have left there plays no part.
  const isText = (value: unknown): boolean => typeof value === 'string';
  return { users: [...users].filter(isText), roles: [...roles].filter(isText) };
}

function isPlayedBy(actor: Actor, user: User): boolean {
  if (!isObject(actor)) return false;
  if (actor.id) return actor.id === user.id;
  return rolesOf(actor.role).some((role) => user.roles?.includes(role));
}

/** @returns an actor's `role` as a list. */
export function rolesOf(role: Actor['role']): readonly string[] {
  if (!role) return [];
  return typeof role === 'string' ? [role] : role;
}
