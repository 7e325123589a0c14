import type { Delivery } from '@handover/bus';
import {
  HandoverError,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type Privilege,
  type RequestContract,
} from '@handover/contracts';
import { requirePrivilege, route, type Callers, type RequestRoute } from '@handover/runtime';
import { withPrivilegedRoles } from './privileged-roles.js';

type Handler<C extends RequestContract> = (
  body: BodyOf<C>,
  principal: Principal,
  delivery: Delivery,
) => Promise<AnswerOf<C>>;

/**
 * A route that verifies who is asking before anything else happens. The engine trusts the signed principal, or the token it
 * exchanges itself, alone: not the gateway, not the tenant header.
 * @param privilege needed for all of it; null when the handler decides by the process at hand
 */
export function guarded<C extends RequestContract>(
  callers: Callers,
  contract: C,
  privilege: Privilege | null,
  handle: Handler<C>,
): RequestRoute {
  return route(contract, async (body, delivery) => {
    const principal = withPrivilegedRoles(await callers.of(delivery.headers));
    if (privilege !== null) requirePrivilege(principal, privilege);
    return handle(body, principal, delivery);
  });
}

/** {@link guarded}, for what concerns the whole tenant: a key that is restricted to some processes has no say in it. */
export function guardedForTenant<C extends RequestContract>(
  callers: Callers,
  contract: C,
  privilege: Privilege | null,
  handle: Handler<C>,
): RequestRoute {
  return guarded(callers, contract, privilege, async (body, principal, delivery) => {
    if (principal.key?.processes) {
      throw new HandoverError('forbidden', 'This API key is restricted to the processes of some scenarios');
    }
    return handle(body, principal, delivery);
  });
}

/** The scenarios a caller knows of at all, with their processes: a restricted key knows of those it names; undefined: of any. */
export const knownTo = ({ key }: Principal): readonly string[] | undefined =>
  key?.processes?.map(({ scenario }) => scenario);

/** Whether a caller knows of a scenario and its processes at all. */
export const reaches = (principal: Principal, scenario: string): boolean =>
  knownTo(principal)?.includes(scenario) ?? true;
