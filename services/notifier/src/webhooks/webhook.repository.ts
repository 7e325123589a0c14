import type { Webhook, WebhookSigning } from '@handover/contracts';
import { sql, type Selectable, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import type { EventFilter } from './event-filter.js';
import type { KeptHeaders } from './webhook-headers.js';
import type { WebhookKeys } from './webhook-keys.js';

type Tx = Transaction<NotifierSchema>;

const SHOWN = [
  'id',
  'url',
  'events',
  'scenarios',
  'description',
  'signing',
  'public_key',
  'headers',
  'created_at',
  'disabled_at',
  'disabled_reason',
] as const;
type Shown = Pick<Selectable<NotifierSchema['webhooks']>, (typeof SHOWN)[number]>;

const toWebhook = ({
  scenarios,
  description,
  public_key,
  headers,
  created_at,
  disabled_at,
  disabled_reason,
  ...row
}: Shown): Webhook => ({
  ...row,
  ...(scenarios !== null && { scenarios }),
  ...(description !== null && { description }),
  ...(public_key !== null && { publicKey: public_key }),
  ...(headers !== null && { headers }),
  created: created_at,
  ...(disabled_at !== null && { disabled: disabled_at }),
  ...(disabled_reason !== null && { disabledReason: disabled_reason }),
});

export interface NewWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly scenarios?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly signing?: WebhookSigning | undefined;
  readonly headers?: KeptHeaders | undefined;
  readonly keys: WebhookKeys;
}

/** Stores a webhook of the transaction's tenant. */
export async function insertWebhook(tx: Tx, tenant: string, webhook: NewWebhook): Promise<Webhook> {
  const { id, url, events, scenarios, description = null, signing, headers, keys } = webhook;
  const row = await tx
    .insertInto('webhooks')
    .values({
      tenant,
      id,
      url,
      events: [...events],
      scenarios: scenarios ? [...scenarios] : null,
      description,
      signing,
      secret: keys.sealed,
      public_key: keys.publicKey,
      headers: headers ? JSON.stringify(headers.shown) : null,
      sealed_headers: headers?.sealed ?? null,
    })
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
  return toWebhook(row);
}

/** @returns undefined when there is none of this id */
export async function findWebhook(tx: Tx, id: string): Promise<Webhook | undefined> {
  const row = await tx
    .selectFrom('webhooks')
    .select(SHOWN)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row && toWebhook(row);
}

/** All webhooks of the transaction's tenant, the disabled ones too, oldest first. */
export async function listWebhooks(tx: Tx): Promise<Webhook[]> {
  const rows = await tx
    .selectFrom('webhooks')
    .select(SHOWN)
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(toWebhook);
}

/** Signatures by more old secrets than this would make the header too long for receivers. */
const MOST_RETIRED = 4;

/** Where a webhook is, with what is secret sealed. */
export interface SealedRecipient {
  readonly url: string;
  /** The current keys and those still valid beside them, newest first. */
  readonly sealedKeys: readonly Buffer[];
  readonly sealedHeaders: Buffer | null;
  readonly signing: WebhookSigning;
}

/** Webhooks that are told of events, with their filters, and how they are reached. */
export async function findActiveWebhooks(tx: Tx): Promise<(EventFilter & SealedRecipient & { readonly id: string })[]> {
  const rows = await tx
    .selectFrom('webhooks')
    .select(['id', 'events', 'scenarios', 'url', 'secret', 'signing', 'sealed_headers'])
    .select(
      sql<Buffer[]>`array(select retired.secret from retired_secrets retired
        where retired.webhook_id = webhooks.id and retired.valid_until > now() order by retired.valid_until desc limit ${MOST_RETIRED})`.as(
        'retired',
      ),
    )
    .where('deleted_at', 'is', null)
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map(({ secret, retired, sealed_headers: sealedHeaders, ...row }) => ({
    ...row,
    sealedHeaders,
    sealedKeys: [secret, ...retired],
  }));
}

/** What to change of a webhook; what is absent stays, null removes. */
export interface WebhookChange {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | null | undefined;
  readonly description?: string | null | undefined;
  readonly signing?: WebhookSigning | undefined;
  readonly headers?: KeptHeaders | null | undefined;
  readonly enabled?: boolean | undefined;
}

/** @returns undefined when there is none of this id */
export async function changeWebhook(
  tx: Tx,
  id: string,
  { url, events, scenarios, description, signing, headers, enabled }: WebhookChange,
): Promise<Webhook | undefined> {
  const row = await tx
    .updateTable('webhooks')
    .set({
      id, // so that nothing to change is a change too
      ...(url !== undefined && { url }),
      ...(events !== undefined && { events: [...events] }),
      ...(scenarios !== undefined && { scenarios: scenarios && [...scenarios] }),
      ...(description !== undefined && { description }),
      ...(signing !== undefined && { signing }),
      ...(headers !== undefined && {
        headers: headers && JSON.stringify(headers.shown),
        sealed_headers: headers?.sealed ?? null,
      }),
      ...(enabled === true && { disabled_at: null, disabled_reason: null }),
      ...(enabled === false && {
        disabled_at: sql<string>`coalesce(disabled_at, now())`,
        disabled_reason: sql<string>`coalesce(disabled_reason, 'on request')`,
      }),
    })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(SHOWN)
    .executeTakeFirst();
  return row && toWebhook(row);
}

/** A webhook's sealed keys, which nobody else changes until the transaction ends; undefined when there is none of this id. */
export async function lockKeys(tx: Tx, id: string): Promise<Omit<WebhookKeys, 'secret'> | undefined> {
  const row = await tx
    .selectFrom('webhooks')
    .select(['secret', 'public_key'])
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row && { sealed: row.secret, publicKey: row.public_key };
}

export async function setKeys(tx: Tx, id: string, keys: Omit<WebhookKeys, 'secret'>): Promise<void> {
  await tx
    .updateTable('webhooks')
    .set({ secret: keys.sealed, public_key: keys.publicKey })
    .where('id', '=', id)
    .execute();
}

/**
 * Lets old keys sign for a while. None of a webhook's stays valid for longer than `overlapS` seconds from now.
 * @returns until when these are valid
 */
export async function retireKeys(
  tx: Tx,
  tenant: string,
  id: string,
  sealed: Buffer,
  overlapS: number,
): Promise<string> {
  const until = sql<string>`now() + ${overlapS} * interval '1 second'`;
  const retired = tx.updateTable('retired_secrets').where('webhook_id', '=', id);
  await retired.set({ valid_until: sql<string>`least(valid_until, ${until})` }).execute();
  await tx
    .deleteFrom('retired_secrets')
    .where('webhook_id', '=', id)
    .where('valid_until', '<=', sql<string>`now()`)
    .execute();
  const { valid_until } = await tx
    .insertInto('retired_secrets')
    .values({ tenant, webhook_id: id, secret: sealed, valid_until: until })
    .returning('valid_until')
    .executeTakeFirstOrThrow();
  return valid_until;
}

/** Marks a webhook deleted; its deliveries stay as a record. @returns false when there is none of this id */
export async function markDeleted(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable('webhooks')
    .set({ deleted_at: sql<string>`now()` })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Stops deliveries to a webhook until somebody enables it again. @returns false when it was stopped before */
export async function markDisabled(tx: Tx, id: string, reason: string): Promise<boolean> {
  const result = await tx
    .updateTable('webhooks')
    .set({ disabled_at: sql<string>`now()`, disabled_reason: reason })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Makes whoever else wants to change this webhook wait for the end of the transaction. */
export async function lockWebhook(tx: Tx, id: string): Promise<void> {
  await tx.selectFrom('webhooks').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}
