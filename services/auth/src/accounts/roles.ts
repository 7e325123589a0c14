import type { Privilege } from '@handover/contracts';
import type { RoleMap } from '../config.js';

/** Union of the privileges of one's roles and of everyone's (`*`). A role the map does not know gives nothing. */
export function privilegesOf(roles: readonly string[], map: RoleMap): Privilege[] {
  return [...new Set([...roles, '*'].flatMap((role) => (Object.hasOwn(map, role) ? (map[role] ?? []) : [])))];
}
