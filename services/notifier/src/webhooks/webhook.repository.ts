import type { Webhook, WebhookSigning } from '@handover/contracts';
import { sql, type Selectable, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import type { EventFilter } from './event-filter.js';

type Tx = Transaction<NotifierSchema>;

const SHOWN = ['id', 'url', 'events', 'scenarios', 'description', 'signing', 'created_at', 'disabled_at'] as const;
type Shown = Pick<Selectable<NotifierSchema['webhooks']>, (typeof SHOWN)[number]>;

const toWebhook = ({ id, url, events, scenarios, description, signing, created_at, disabled_at }: Shown): Webhook => ({
  id,
  url,
  events,
  ...(scenarios !== null && { scenarios }),
  ...(description !== null && { description }),
  signing,
  created: created_at,
  ...(disabled_at !== null && { disabled: disabled_at }),
});

export interface NewWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly scenarios?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly signing?: WebhookSigning | undefined;
  readonly sealedSecret: Buffer;
}

/** Stores a webhook of the transaction's tenant. */
export async function insertWebhook(tx: Tx, tenant: string, webhook: NewWebhook): Promise<Webhook> {
  const { id, url, events, scenarios, description = null, signing, sealedSecret } = webhook;
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
      secret: sealedSecret,
    })
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
  return toWebhook(row);
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

/** Where a webhook is and whether it still wants anything. */
export interface Recipient {
  readonly url: string;
  /** The current secret and those still valid beside it, newest first. */
  readonly sealedSecrets: readonly Buffer[];
  readonly signing: WebhookSigning;
  readonly wanted: boolean;
}

export async function findRecipient(tx: Tx, id: string): Promise<Recipient> {
  const row = await tx
    .selectFrom('webhooks')
    .select(['url', 'secret', 'signing', 'disabled_at', 'deleted_at'])
    .select(
      sql<Buffer[]>`array(select retired.secret from retired_secrets retired
        where retired.webhook_id = webhooks.id and retired.valid_until > now() order by retired.valid_until desc limit ${MOST_RETIRED})`.as(
        'retired',
      ),
    )
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const wanted = row.disabled_at === null && row.deleted_at === null;
  return { url: row.url, sealedSecrets: [row.secret, ...row.retired], signing: row.signing, wanted };
}

/** Webhooks that are told of events, with their filters. */
export function findActiveWebhooks(tx: Tx): Promise<(EventFilter & { readonly id: string })[]> {
  return tx
    .selectFrom('webhooks')
    .select(['id', 'events', 'scenarios'])
    .where('deleted_at', 'is', null)
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** What to change of a webhook; what is absent stays, null removes. */
export interface WebhookChange {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | null | undefined;
  readonly description?: string | null | undefined;
  readonly signing?: WebhookSigning | undefined;
  readonly enabled?: boolean | undefined;
}

/** @returns undefined when there is none of this id */
export async function changeWebhook(
  tx: Tx,
  id: string,
  { url, events, scenarios, description, signing, enabled }: WebhookChange,
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

/**
 * Gives a webhook a new secret. No old one stays valid for longer than `overlapS` seconds from now.
 * @returns until when the one replaced is valid; undefined when there is no webhook of this id
 */
export async function replaceSecret(
  tx: Tx,
  tenant: string,
  id: string,
  sealedSecret: Buffer,
  overlapS: number,
): Promise<string | undefined> {
  const old = await tx
    .selectFrom('webhooks')
    .select('secret')
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!old) return undefined;
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
    .values({ tenant, webhook_id: id, secret: old.secret, valid_until: until })
    .returning('valid_until')
    .executeTakeFirstOrThrow();
  await tx.updateTable('webhooks').set({ secret: sealedSecret }).where('id', '=', id).execute();
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

/** Stops deliveries to a webhook until somebody enables it again. The first reason given is kept. */
export async function markDisabled(tx: Tx, id: string, reason: string): Promise<void> {
  await tx
    .updateTable('webhooks')
    .set({
      disabled_at: sql<string>`coalesce(disabled_at, now())`,
      disabled_reason: sql<string>`coalesce(disabled_reason, ${reason})`,
    })
    .where('id', '=', id)
    .execute();
}

/** Makes whoever else wants to change this webhook wait for the end of the transaction. */
export async function lockWebhook(tx: Tx, id: string): Promise<void> {
  await tx.selectFrom('webhooks').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}
