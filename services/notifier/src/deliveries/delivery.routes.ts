import type { Bus, Delivery as Message } from '@handover/bus';
import {
  HandoverError,
  getDelivery,
  getProcess,
  holds,
  listDeliveries,
  retryDeliveries,
  retryDelivery,
  type Principal,
  type Privilege,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { ask, requirePrivilege, route, type PrincipalVerifier, type RequestRoute } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { findDeliveries, findDelivery, retryMatching } from './log.repository.js';

export interface DeliveryRoutesPorts {
  readonly db: Kysely<NotifierSchema>;
  readonly bus: Bus;
  readonly verifier: PrincipalVerifier;
  /** Called after deliveries were made pending again. */
  readonly onReopened: () => void;
}

/** Requests about what was sent. They need the rights over services; a body needs the right to read its process as well. */
export function deliveryRoutes({ db, bus, verifier, onReopened }: DeliveryRoutesPorts): RequestRoute[] {
  const caller = async (message: Message, privilege: Privilege): Promise<Principal> => {
    const principal = await verifier.verify(message.headers.principal);
    requirePrivilege(principal, privilege);
    return principal;
  };
  const mayRead = async (process: string | undefined, message: Message): Promise<boolean> => {
    const { principal } = message.headers;
    if (principal === undefined) return false;
    if (process === undefined) return holds(await verifier.verify(principal), 'webhooks:read');
    try {
      await ask(bus, getProcess, { id: process, fields: ['id'] }, { headers: { principal } });
      return true;
    } catch (error) {
      if (error instanceof HandoverError && (error.status === 403 || error.status === 404)) return false;
      throw error;
    }
  };
  const notFound = (id: string) => new HandoverError('delivery_not_found', `There is no delivery '${id}'`);

  return [
    route(listDeliveries, async ({ limit, cursor, ...filter }, message) => {
      const { tenant } = await caller(message, 'services:read');
      const before = positionOf(cursor);
      return withTenant(db, tenant, (tx) => findDeliveries(tx, tenant, filter, limit, before));
    }),
    route(getDelivery, async ({ id }, message) => {
      const { tenant } = await caller(message, 'services:read');
      const found = await withTenant(db, tenant, (tx) => findDelivery(tx, id));
      if (!found) throw notFound(id);
      const { body, ...shown } = found;
      return (await mayRead(found.process, message)) && body !== undefined ? { ...shown, body } : shown;
    }),
    route(retryDelivery, async ({ id }, message) => {
      const { tenant } = await caller(message, 'services:write');
      const [retried, found] = await withTenant(db, tenant, async (tx) => {
        const outcome = await retryMatching(tx, tenant, { id });
        return [outcome, await findDelivery(tx, id)];
      });
      if (!found) throw notFound(id);
      const [objection] = retried.skipped;
      if (objection) throw new HandoverError('delivery_not_retryable', `The delivery ${objection.reason}`);
      onReopened();
      const { log: _log, body: _body, ...shown } = found;
      return shown;
    }),
    route(retryDeliveries, async (filter, message) => {
      const { tenant } = await caller(message, 'services:write');
      const retried = await withTenant(db, tenant, (tx) => retryMatching(tx, tenant, filter));
      onReopened();
      return retried;
    }),
  ];
}

/** @throws HandoverError `invalid_request` */
function positionOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new HandoverError('invalid_request', 'The query is not valid', {
    errors: [{ pointer: '/cursor', detail: 'must be the cursor of an earlier page' }],
  });
}
