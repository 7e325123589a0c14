import type { Webhook } from '@handover/contracts';
import { sql, type Selectable, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';

type Tx = Transaction<NotifierSchema>;

const SHOWN = ['id', 'url', 'events', 'created_at', 'disabled_at'] as const;
type Shown = Pick<Selectable<NotifierSchema['webhooks']>, (typeof SHOWN)[number]>;

const toWebhook = ({ id, url, events, created_at, disabled_at }: Shown): Webhook => ({
  id,
  url,
  events,
  created: created_at,
  ...(disabled_at !== null && { disabled: disabled_at }),
});

export interface NewWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly sealedSecret: Buffer;
}

/** Stores a webhook of the transaction's tenant. */
export async function insertWebhook(tx: Tx, tenant: string, webhook: NewWebhook): Promise<Webhook> {
  const { id, url, events, sealedSecret } = webhook;
  const row = await tx
    .insertInto('webhooks')
    .values({ tenant, id, url, events: [...events], secret: sealedSecret })
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

/** Webhooks that are told of events, with their filters. */
export function findActiveWebhooks(tx: Tx): Promise<{ id: string; events: string[] }[]> {
  return tx
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('deleted_at', 'is', null)
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .execute();
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
