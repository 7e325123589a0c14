import { openDatabase, withTenant } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NotifierSchema } from './database.js';
import { Pipeline, notifierDatabase, type NotifierDatabase } from './test/pipeline.js';

let database: NotifierDatabase;
let ours: Pipeline;
let secret: string;

beforeAll(async () => {
  database = await notifierDatabase();
  // The address is refused, so the one attempt fails: a row in every table without a network.
  ours = new Pipeline(database, { allowLoopback: false, schedule: [0, 60_000] });
  const webhook = await ours.webhook('http://127.0.0.1:9/');
  const { id } = webhook;
  ({ secret } = webhook);
  ours.start();
  await ours.emit(ours.event('p1'));
  await ours.logged('attempt failed');
  const { tenant } = ours;
  await ours.inTenant(async (tx) => {
    const service = { tenant, name: 'mail', provider: 'webhook' as const, shown: '{}', sealed: Buffer.from('sealed') };
    await tx.insertInto('services').values(service).execute();
    const retired = { tenant, webhook_id: id, secret: Buffer.from('sealed'), valid_until: new Date().toISOString() };
    await tx.insertInto('retired_secrets').values(retired).execute();
  });
});
afterAll(async () => {
  await ours.stop();
  await database.close();
});

const TENANT_TABLES = ['webhooks', 'retired_secrets', 'services', 'deliveries', 'attempts'] as const;
const count = (db: Kysely<NotifierSchema>, table: (typeof TENANT_TABLES)[number]): Promise<unknown[]> =>
  db.selectFrom(table).selectAll().execute();

describe('the tables of the notifier', () => {
  it.each(TENANT_TABLES)('%s: a query without a condition shows a tenant its own rows only', async (table) => {
    expect(await withTenant(database.db, ours.tenant, (tx) => count(tx, table))).toHaveLength(1);
    expect(await withTenant(database.db, 'someone-else', (tx) => count(tx, table))).toEqual([]);
    expect(await count(database.db, table)).toEqual([]);
  });

  it.each(TENANT_TABLES)('%s: their owner sees no more', async (table) => {
    const owner = openDatabase<NotifierSchema>({ url: database.ownerUrl, applicationName: 'owner' });
    try {
      expect(await count(owner.db, table)).toEqual([]);
    } finally {
      await owner.close();
    }
  });

  it('all force row-level security, but the installation’s keys and those of work across tenants, which hold ids and times only', async () => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relnamespace = 'notifier'::regnamespace and relkind = 'r'
        and relname not like 'migration%' and not (relrowsecurity and relforcerowsecurity) order by relname`.execute(
      database.db,
    );
    expect(rows).toEqual(
      ['awaited_replies', 'circuits', 'delivery_lanes', 'delivery_tenants', 'reply_queues', 'signing_keys'].map(
        (name) => ({ name }),
      ),
    );
    const [lane] = await ours.lanes();
    expect(Object.keys(lane ?? {}).sort()).toEqual(['claim', 'due_at', 'process_id', 'target', 'tenant']);
  });

  it('hold no secret anybody could read', async () => {
    const dump = await withTenant(database.db, ours.tenant, async (tx) => {
      const tables = await Promise.all(TENANT_TABLES.map((table) => count(tx, table)));
      const stored = await tx.selectFrom('webhooks').select('secret').executeTakeFirstOrThrow();
      return JSON.stringify(tables) + stored.secret.toString('latin1');
    });
    const random = secret.slice('whsec_'.length);
    expect(dump).not.toContain(random);
    expect(dump).not.toContain(Buffer.from(random, 'base64').toString('latin1'));
    expect(JSON.stringify(ours.log.items)).not.toContain(random);
  });
});
