import type { Asset } from '@handover/contracts';
import { isUuid } from '@handover/scenario';
import { sql, type Selectable, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { GatewaySchema } from '../../database.js';

type Tx = Transaction<GatewaySchema>;

export interface NewAsset {
  readonly name: string;
  readonly status: string;
  readonly custom_fields: Record<string, unknown>;
}

/** Registers an asset under the tenant's next tag: `USL-00042`. */
export async function insertAsset(tx: Tx, tenant: string, asset: NewAsset, prefix: string): Promise<Asset> {
  const { last_number: number } = await tx
    .insertInto('asset_tags')
    .values({ tenant, last_number: 1 })
    .onConflict((conflict) =>
      conflict.column('tenant').doUpdateSet({ last_number: sql<number>`asset_tags.last_number + 1` }),
    )
    .returning('last_number')
    .executeTakeFirstOrThrow();
  const row = await tx
    .insertInto('assets')
    .values({
      tenant,
      id: randomUUID(),
      asset_tag: `${prefix}-${String(number).padStart(5, '0')}`,
      name: asset.name,
      status: asset.status,
      status_at: sql<string>`now()`,
      custom_fields: JSON.stringify(asset.custom_fields),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return shown(row);
}

/** @param lock keeps others from changing it, or starting a process for it, until the transaction ends */
export async function findAsset(tx: Tx, id: string, lock = false): Promise<Asset | undefined> {
  if (!isUuid(id)) return undefined;
  const row = await tx
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', id)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
  return row && shown(row);
}

export interface AssetFilter {
  /** Part of the name or the tag, in any case. */
  readonly q?: string | undefined;
  readonly status?: string | undefined;
}

export async function listAssets(
  tx: Tx,
  { q, status }: AssetFilter,
  { page, limit }: { readonly page: number; readonly limit: number },
): Promise<{ total: number; assets: Asset[] }> {
  const pattern = q === undefined ? undefined : `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const wanted = tx
    .selectFrom('assets')
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? ''))
    .$if(pattern !== undefined, (query) =>
      query.where((where) =>
        where.or([where('name', 'ilike', pattern ?? ''), where('asset_tag', 'ilike', pattern ?? '')]),
      ),
    );
  const { total } = await wanted.select((count) => count.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await wanted
    .selectAll()
    .orderBy('asset_tag')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute();
  return { total, assets: rows.map(shown) };
}

export type AssetChange = { readonly [Member in keyof NewAsset]?: NewAsset[Member] | undefined };

export async function updateAsset(tx: Tx, id: string, change: AssetChange): Promise<Asset | undefined> {
  if (!isUuid(id)) return undefined;
  const row = await tx
    .updateTable('assets')
    .set({
      ...(change.name !== undefined && { name: change.name }),
      ...(change.custom_fields !== undefined && { custom_fields: JSON.stringify(change.custom_fields) }),
      ...(change.status !== undefined && { status: change.status, status_at: sql<string>`now()` }),
      updated_at: sql<string>`now()`,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && shown(row);
}

/**
 * Sets the status that an event of the engine leads to, unless something later set it. So it may be done by the request that
 * caused the event and again when the event arrives, in any order and any number of times.
 * @param at time of the event, ISO 8601
 */
export async function followEvent(tx: Tx, id: string, status: string, at: string): Promise<void> {
  if (!isUuid(id)) return;
  await tx
    .updateTable('assets')
    .set({ status, status_at: at, updated_at: sql<string>`greatest(updated_at, ${at}::timestamptz)` })
    .where('id', '=', id)
    .where('status_at', '<', at)
    .execute();
}

const shown = (row: Selectable<GatewaySchema['assets']>): Asset => {
  const { id, asset_tag, name, status, custom_fields, created_at, updated_at } = row;
  return { id, asset_tag, name, status, custom_fields, created_at, updated_at };
};
