import type { Principal } from '@handover/contracts';
import type { Account } from '../accounts/account.repository.js';
import { privilegesOf } from '../accounts/roles.js';
import type { RoleMap } from '../config.js';

/** A user with the privileges of their roles. */
export function userPrincipal(tenant: string, { id, info, roles }: Account, map: RoleMap): Principal {
  return { tenant, kind: 'user', id, info, roles: [...roles], privileges: privilegesOf(roles, map) };
}
