import type { Delivery } from '@handover/bus';
import type { AnswerOf, BodyOf, Principal, Privilege, RequestContract } from '@handover/contracts';
import { requirePrivilege, route, withContext, type PrincipalVerifier, type RequestRoute } from '@handover/runtime';

/**
 * A route that verifies who is asking before anything else happens. The engine trusts the signed principal alone: not the
 * gateway, not the tenant header.
 * @param privilege needed for all of it; null when the handler decides by the process at hand
 */
export function guarded<C extends RequestContract>(
  verifier: PrincipalVerifier,
  contract: C,
  privilege: Privilege | null,
  handle: (body: BodyOf<C>, principal: Principal, delivery: Delivery) => Promise<AnswerOf<C>>,
): RequestRoute {
  return route(contract, async (body, delivery) => {
    const principal = await verifier.verify(delivery.headers.principal);
    if (privilege !== null) requirePrivilege(principal, privilege);
    return withContext({ tenant: principal.tenant }, () => handle(body, principal, delivery));
  });
}
