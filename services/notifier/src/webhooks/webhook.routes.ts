import type { Delivery } from '@handover/bus';
import {
  HandoverError,
  createWebhook,
  deleteWebhook,
  listWebhooks,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type Privilege,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { requirePrivilege, route, type PrincipalVerifier, type RequestRoute } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { cancelDeliveries } from '../deliveries/delivery.repository.js';
import { newId } from '../id.js';
import type { AddressPolicy } from '../targets/address.js';
import { targetProblem } from '../targets/target-url.js';
import { newSecret, ownerOf, type SecretVault } from './secret.js';
import * as webhooks from './webhook.repository.js';

export interface WebhookRoutesPorts {
  readonly db: Kysely<NotifierSchema>;
  readonly verifier: PrincipalVerifier;
  readonly vault: SecretVault;
  readonly policy: AddressPolicy;
}

/** Requests about webhooks. The tenant is always the signed principal's, whatever else a message says. */
export function webhookRoutes(ports: WebhookRoutesPorts): RequestRoute[] {
  const caller = async (delivery: Delivery, privilege: Privilege): Promise<Principal> => {
    const principal = await ports.verifier.verify(delivery.headers.principal);
    requirePrivilege(principal, privilege);
    return principal;
  };
  return [
    route(createWebhook, async (body, delivery) => create(ports, await caller(delivery, 'webhooks:write'), body)),
    route(listWebhooks, async (_body, delivery) => {
      const { tenant } = await caller(delivery, 'webhooks:read');
      return { webhooks: await withTenant(ports.db, tenant, webhooks.listWebhooks) };
    }),
    route(deleteWebhook, async ({ id }, delivery) => remove(ports, await caller(delivery, 'webhooks:write'), id)),
  ];
}

/** @throws HandoverError `invalid_request` when the url is one nothing will ever be sent to */
async function create(
  { db, vault, policy }: WebhookRoutesPorts,
  { tenant }: Principal,
  { url, events }: BodyOf<typeof createWebhook>,
): Promise<AnswerOf<typeof createWebhook>> {
  const problem = targetProblem(url, policy);
  if (problem !== undefined) {
    throw new HandoverError('invalid_request', `The webhook's url ${problem}`, {
      errors: [{ pointer: '/url', detail: problem }],
    });
  }
  const id = newId('wh');
  const secret = newSecret();
  const sealedSecret = vault.seal(secret, ownerOf(tenant, id));
  const webhook = await withTenant(db, tenant, (tx) =>
    webhooks.insertWebhook(tx, tenant, { id, url, events: [...new Set(events)], sealedSecret }),
  );
  return { ...webhook, secret };
}

/** What was still to be delivered is cancelled. @throws HandoverError `webhook_not_found` */
async function remove({ db }: WebhookRoutesPorts, { tenant }: Principal, id: string): Promise<Record<string, never>> {
  await withTenant(db, tenant, async (tx) => {
    const found = await webhooks.markDeleted(tx, id);
    if (!found) throw new HandoverError('webhook_not_found', `There is no webhook '${id}'`);
    await cancelDeliveries(tx, id);
  });
  return {};
}
