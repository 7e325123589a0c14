import { PRIVILEGES, holds, type Principal, type Privilege } from '@handover/contracts';
import { requirePrivilege } from '@handover/runtime';
import { abilitiesOf, type NormalizedScenario } from '@handover/scenario';

/**
 * A scenario may give an actor a privilege for a role: `role: privilege:workflows:write` is played by whoever holds that
 * privilege in the tenant. So the people and keys of another REST surface take part in its processes by the rights that
 * surface gives them, through every door, and nobody else does.
 */
const PREFIX = 'privilege:';

/** Whether a role is played by whoever holds a privilege. */
export const isPrivilegedRole = (role: string): boolean => role.startsWith(PREFIX);

/** The principal with its privileges among its roles. What a token claims to be such a role is not believed. */
export function withPrivilegedRoles(principal: Principal): Principal {
  const known = privileged.get(principal);
  if (known) return known;
  const made = addPrivilegedRoles(principal);
  privileged.set(principal, made);
  return made;
}

/** Who is verified once is the same object with every message, until the signature expires. */
const privileged = new WeakMap<Principal, Principal>();

function addPrivilegedRoles(principal: Principal): Principal {
  const held = PRIVILEGES.filter((privilege) => privilege !== '*' && holds(principal, privilege));
  const roles = principal.roles.filter((role) => !isPrivilegedRole(role));
  return { ...principal, roles: [...roles, ...held.map((privilege) => `${PREFIX}${privilege}`)] };
}

/** The roles an event names of who performed it: their own, and of the privileges the one that gave them the actor. */
export function recordedRoles(principal: Principal, actor: { readonly role?: unknown } | undefined): string[] {
  const played = rolesIn(actor?.role);
  return principal.roles.filter((role) => !isPrivilegedRole(role) || played.includes(role));
}

/**
 * Whether playing an actor is itself the right to: its role is a privilege the principal holds. Then nothing of
 * `process:step` or `process:read` is asked for beside it.
 */
export function isEntitled(principal: Principal, actor: { readonly role?: unknown } | undefined): boolean {
  return privilegesIn(actor?.role).some((privilege) => holds(principal, privilege));
}

/**
 * Whether a principal may store, disable and start a scenario by privilege alone. The scenario has to be closed: every actor is
 * played by privilege, and no service acts or is told. Then whoever holds a privilege of an actor who acts gains nothing by it.
 */
export function ownsByPrivilege(principal: Principal, scenario: NormalizedScenario): boolean {
  const actors = Object.entries(scenario.actors);
  const isClosed =
    abilitiesOf(scenario).services.length === 0 &&
    actors.length > 0 &&
    actors.every(([, actor]) => hasPrivilegedRole(actor));
  if (!isClosed) return false;
  const acting = whoActs(scenario);
  if (!acting.every((reference) => typeof reference === 'string')) return false;
  return actors.some(([key, actor]) => acting.includes(key) && isEntitled(principal, actor));
}

/** @throws HandoverError `forbidden` unless the principal may store and disable the scenario */
export function requireMayKeep(principal: Principal, scenario: NormalizedScenario): void {
  if (!ownsByPrivilege(principal, scenario)) requirePrivilege(principal, 'scenario:write');
}

/** References of all who have an action to perform, somewhere in the scenario. */
export function whoActs({ actions }: Pick<NormalizedScenario, 'actions'>): unknown[] {
  return Object.values(actions).flatMap(({ actor }): unknown[] => [actor].flat());
}

function hasPrivilegedRole(actor: unknown): boolean {
  const roles = rolesIn((actor as { role?: unknown } | null)?.role);
  return roles.length > 0 && roles.every(isPrivilegedRole);
}

const rolesIn = (role: unknown): string[] =>
  (Array.isArray(role) ? role : [role]).filter((one): one is string => typeof one === 'string');

/** The roles of an actor that are played by privilege. */
export const privilegedRoles = (role: unknown): string[] => rolesIn(role).filter(isPrivilegedRole);

const privilegesIn = (role: unknown): Privilege[] =>
  rolesIn(role).flatMap((one) => PRIVILEGES.filter((privilege) => one === `${PREFIX}${privilege}`));
