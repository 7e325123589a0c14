import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/**
 * What the platform is held against, as a program of its own: a minimal server that changes a row and appends another for
 * each request. `plain`: a transaction per request. `batched`: the requests that wait at the same moment share one.
 *
 * Usage: node floor.js plain|batched DATABASE_URL; says on stdout where it listens.
 */
type Step = (id: number, event: string) => Promise<void>;

const SCHEMA = `
  create table if not exists floor_documents (
    id integer primary key, version integer not null default 0, document text not null
  ) with (fillfactor = 50);
  create table if not exists floor_events (
    document integer not null, version integer not null, event text not null, primary key (document, version)
  );
  insert into floor_documents (id, document) select id, '{}' from generate_series(0, 1023) id on conflict do nothing;`;

const [, , kind = 'plain', connectionString = ''] = process.argv;
const pool = new pg.Pool({ connectionString, max: 16, application_name: 'handover-floor' });
await pool.query(SCHEMA);

const step = kind === 'batched' ? batched() : plain;
const app = new Hono();
app.post('/step/:id', async (context) => {
  const event = await context.req.text();
  JSON.parse(event);
  await step(Number(context.req.param('id')), event);
  return context.body(null, 204);
});
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

async function plain(id: number, event: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ version: number }>(
      'update floor_documents set version = version + 1, document = $2 where id = $1 returning version',
      [id, event],
    );
    await client.query('insert into floor_events (document, version, event) values ($1, $2, $3)', [
      id,
      rows[0]?.version,
      event,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

interface Waiting {
  readonly id: number;
  readonly event: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A batch is what came in while the one before was written. Two steps of one document never meet in a batch: clients wait. */
function batched(): Step {
  let waiting: Waiting[] = [];
  let running = false;

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query(
        `with change as (
           select * from unnest($1::int[], $2::text[]) as change (id, event)
         ), changed as (
           update floor_documents set version = version + 1, document = change.event
           from change where floor_documents.id = change.id
           returning floor_documents.id, version, document
         )
         insert into floor_events (document, version, event) select id, version, document from changed`,
        [batch.map(({ id }) => id), batch.map(({ event }) => event)],
      );
      await client.query('commit');
    } finally {
      client.release();
    }
  };

  const drain = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await write(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = false;
  };

  return (id, event) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, event, resolve, reject });
      if (!running) void drain();
    });
}
