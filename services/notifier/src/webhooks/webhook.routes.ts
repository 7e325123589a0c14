import type { Delivery } from '@handover/bus';
import {
  CASE_STATUS_CHANGED,
  HandoverError,
  createWebhook,
  deleteWebhook,
  getWebhook,
  getWebhookKeys,
  listWebhooks,
  pingWebhook,
  rotateWebhookSecret,
  updateWebhook,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type Privilege,
} from '@handover/contracts';
import { withTenant, type Database } from '@handover/database';
import { requirePrivilege, route, type PrincipalVerifier, type RequestRoute } from '@handover/runtime';
import type { AddressPolicy } from '@handover/runtime/egress';
import type { Kysely, Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import { cancelDeliveries } from '../deliveries/delivery.repository.js';
import { closeCircuit } from '../deliveries/circuit.repository.js';
import { hastenLanesOf } from '../deliveries/lane.repository.js';
import { newId } from '../id.js';
import type { SigningKeys } from '../signing/signing-keys.js';
import { targetProblem } from '../targets/target-url.js';
import { everybodyLooked } from './lookout.js';
import { pingWebhook as ping } from './ping.js';
import { ownerOf, type SecretVault } from './secret.js';
import { keepHeaders } from './webhook-headers.js';
import { addKeyPair, newWebhookKeys } from './webhook-keys.js';
import * as webhooks from './webhook.repository.js';

type Tx = Transaction<NotifierSchema>;

export interface WebhookRoutesPorts {
  readonly db: Kysely<NotifierSchema>;
  readonly transact: Database<NotifierSchema>['transact'];
  readonly verifier: PrincipalVerifier;
  readonly vault: SecretVault;
  readonly keys: SigningKeys;
  readonly policy: AddressPolicy;
  /** Called when there may be something to deliver at once. */
  readonly changed: () => void;
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
    route(getWebhook, async ({ id }, delivery) => {
      const { tenant } = await caller(delivery, 'webhooks:read');
      const webhook = await withTenant(ports.db, tenant, (tx) => webhooks.findWebhook(tx, id));
      if (!webhook) throw notFound(id);
      return { webhook };
    }),
    route(updateWebhook, async (body, delivery) => change(ports, await caller(delivery, 'webhooks:write'), body)),
    route(rotateWebhookSecret, async (body, delivery) => rotate(ports, await caller(delivery, 'webhooks:write'), body)),
    route(pingWebhook, async ({ id }, delivery) => {
      const { tenant } = await caller(delivery, 'webhooks:write');
      const sent = await ping(ports, tenant, id);
      if (sent === undefined) throw notFound(id);
      ports.changed();
      return { delivery: sent };
    }),
    route(getWebhookKeys, async () => ({ keys: await ports.keys.published() })),
    route(deleteWebhook, async ({ id }, delivery) => remove(ports, await caller(delivery, 'webhooks:write'), id)),
  ];
}

/** @throws HandoverError `invalid_request` when the url is one nothing will ever be sent to */
async function create(
  { db, vault, keys, policy }: WebhookRoutesPorts,
  { tenant }: Principal,
  { url, events, headers, ...wanted }: BodyOf<typeof createWebhook>,
): Promise<AnswerOf<typeof createWebhook>> {
  requireReachable(url, policy);
  // The statuses of workflows are signed so that their receivers can verify them by public key (case-workflows.md).
  const { signing = events.includes(CASE_STATUS_CHANGED) ? 'jws' : 'v1' } = wanted;
  if (signing === 'jws') await keys.current(); // so that its receiver finds it published
  const id = newId('wh');
  const made = newWebhookKeys(vault, ownerOf(tenant, id), signing === 'v1a');
  const webhook = await withTenant(db, tenant, (tx) =>
    webhooks.insertWebhook(tx, tenant, {
      ...wanted,
      signing,
      id,
      url,
      events: [...new Set(events)],
      headers: headers && keepHeaders(vault, tenant, id, headers),
      keys: made,
    }),
  );
  await everybodyLooked();
  return { ...webhook, secret: made.secret };
}

function requireReachable(url: string, policy: AddressPolicy): void {
  const problem = targetProblem(url, policy);
  if (problem === undefined) return;
  throw new HandoverError('invalid_request', `The webhook's url ${problem}`, {
    errors: [{ pointer: '/url', detail: problem }],
  });
}

const notFound = (id: string): HandoverError => new HandoverError('webhook_not_found', `There is no webhook '${id}'`);

/**
 * What waits for its next attempt is sent at once to a new url, and from then on by the schedule.
 * @throws HandoverError `webhook_not_found`, `invalid_request` when the url is one nothing will ever be sent to
 */
async function change(
  { db, vault, keys, policy, changed }: WebhookRoutesPorts,
  { tenant }: Principal,
  { id, ...change }: BodyOf<typeof updateWebhook>,
): Promise<AnswerOf<typeof updateWebhook>> {
  if (change.url !== undefined) requireReachable(change.url, policy);
  if (change.signing === 'jws') await keys.current();
  const events = change.events && [...new Set(change.events)];
  const headers = change.headers && keepHeaders(vault, tenant, id, change.headers);
  const webhook = await withTenant(db, tenant, async (tx) => {
    if (change.signing === 'v1a') await ensureKeyPair(tx, vault, tenant, id);
    const after = await webhooks.changeWebhook(tx, id, { ...change, events, headers });
    if (!after) throw notFound(id);
    if (change.enabled === false) await cancelDeliveries(tx, id);
    else if (change.url !== undefined) await hastenLanesOf(tx, id);
    if (change.url !== undefined || change.enabled !== undefined) await closeCircuit(tx, id);
    return after;
  });
  await everybodyLooked();
  changed();
  return { webhook };
}

async function ensureKeyPair(tx: Tx, vault: SecretVault, tenant: string, id: string): Promise<void> {
  const had = await webhooks.lockKeys(tx, id);
  if (had?.publicKey === null) await webhooks.setKeys(tx, id, addKeyPair(vault, ownerOf(tenant, id), had.sealed));
}

/** @throws HandoverError `webhook_not_found` */
async function rotate(
  { db, vault }: WebhookRoutesPorts,
  { tenant }: Principal,
  { id, overlap }: BodyOf<typeof rotateWebhookSecret>,
): Promise<AnswerOf<typeof rotateWebhookSecret>> {
  const rotated = await withTenant(db, tenant, async (tx) => {
    const old = await webhooks.lockKeys(tx, id);
    if (!old) throw notFound(id);
    const made = newWebhookKeys(vault, ownerOf(tenant, id), old.publicKey !== null);
    const oldUntil = await webhooks.retireKeys(tx, tenant, id, old.sealed, overlap);
    await webhooks.setKeys(tx, id, made);
    return { secret: made.secret, oldUntil, ...(made.publicKey !== null && { publicKey: made.publicKey }) };
  });
  await everybodyLooked();
  return rotated;
}

/** What was still to be delivered is cancelled. @throws HandoverError `webhook_not_found` */
async function remove({ db }: WebhookRoutesPorts, { tenant }: Principal, id: string): Promise<Record<string, never>> {
  await withTenant(db, tenant, async (tx) => {
    const found = await webhooks.markDeleted(tx, id);
    if (!found) throw notFound(id);
    await cancelDeliveries(tx, id);
  });
  await everybodyLooked();
  return {};
}
