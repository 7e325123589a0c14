import type { ServiceConfig } from '@handover/contracts';
import { sql, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';

type Tx = Transaction<NotifierSchema>;

export interface StoredService {
  readonly name: string;
  readonly provider: ServiceConfig['provider'];
  readonly shown: Record<string, unknown>;
  /** ISO 8601. */
  readonly updated: string;
}

const SHOWN = ['name', 'provider', 'shown', 'updated_at as updated'] as const;

export function listStored(tx: Tx): Promise<StoredService[]> {
  return tx.selectFrom('services').select(SHOWN).orderBy('name').execute();
}

export function findStored(tx: Tx, name: string): Promise<StoredService | undefined> {
  return tx.selectFrom('services').select(SHOWN).where('name', '=', name).executeTakeFirst();
}

export async function findSealed(tx: Tx, name: string): Promise<Buffer | undefined> {
  return (await tx.selectFrom('services').select('sealed').where('name', '=', name).executeTakeFirst())?.sealed;
}

export interface NewService {
  readonly name: string;
  readonly provider: ServiceConfig['provider'];
  readonly shown: Record<string, unknown>;
  readonly sealed: Buffer;
  /** Whether it answers through a queue that the notifiers listen to. */
  readonly repliesByQueue: boolean;
}

/** Stores a service, or puts it in place of the one of its name. @returns whether there was none */
export async function saveService(tx: Tx, tenant: string, service: NewService): Promise<boolean> {
  const { name, provider, sealed, repliesByQueue } = service;
  const shown = JSON.stringify(service.shown);
  const { inserted } = await tx
    .insertInto('services')
    .values({ tenant, name, provider, shown, sealed })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'name']).doUpdateSet({ provider, shown, sealed, updated_at: sql<string>`now()` }),
    )
    .returning(sql<boolean>`xmax = 0`.as('inserted'))
    .executeTakeFirstOrThrow();
  if (!repliesByQueue) await forgetReplyQueue(tx, tenant, name);
  else {
    const row = { tenant, name };
    await tx
      .insertInto('reply_queues')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return inserted;
}

/** @returns whether there was one */
export async function removeService(tx: Tx, tenant: string, name: string): Promise<boolean> {
  await forgetReplyQueue(tx, tenant, name);
  const result = await tx.deleteFrom('services').where('name', '=', name).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

async function forgetReplyQueue(tx: Tx, tenant: string, name: string): Promise<void> {
  await tx.deleteFrom('reply_queues').where('tenant', '=', tenant).where('name', '=', name).execute();
}
