import { createTestDatabase, type TestDatabase } from '@handover/testkit';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { parentOf } from './processor-time.js';

/** A database for one run on a real server, gone afterwards. */
export interface LoadDatabase {
  readonly url: string;
  readonly admin: pg.Client;
  /** For the report. */
  readonly description: string;
  /** Postgres's first process, when it runs on this machine. */
  readonly postmaster: number | undefined;
  close(): Promise<void>;
}

/** @throws Error when the server would lose committed work in a crash: its figures would mean nothing */
export async function openLoadDatabase(): Promise<LoadDatabase> {
  const database: TestDatabase = await createTestDatabase();
  const admin = new pg.Client({ connectionString: database.adminUrl, application_name: 'handover-load' });
  try {
    await admin.connect();
    return {
      url: database.adminUrl,
      admin,
      description: await describe(admin),
      postmaster: await postmasterOf(admin),
      async close() {
        await admin.end();
        await database.drop();
      },
    };
  } catch (error) {
    await database.drop();
    throw error;
  }
}

async function describe(admin: pg.Client): Promise<string> {
  const { rows } = await admin.query<{ version: string; fsync: string; commit: string; sync: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('wal_sync_method') as sync`,
  );
  const [row] = rows;
  if (row?.fsync !== 'on' || row.commit === 'off') {
    throw new Error('Postgres runs without fsync or synchronous_commit: its figures would mean nothing');
  }
  return `PostgreSQL ${row.version.split(' ', 1)[0]}, fsync on (${row.sync}), synchronous_commit ${row.commit}`;
}

async function postmasterOf(admin: pg.Client): Promise<number | undefined> {
  const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid ?? 0;
  try {
    if (!readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')) return undefined;
  } catch {
    return undefined;
  }
  return parentOf(pid);
}

/** What was written up to now, by everybody in this database. */
export interface Written {
  readonly rows: number;
  /** Of the write-ahead log, which is the whole server's. */
  readonly bytes: number;
}

/** Sessions tell what they did up to a second late; wait before asking. */
export async function written(admin: pg.Client): Promise<Written> {
  const { rows } = await admin.query<{ rows: string; bytes: string }>(
    `select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) as rows,
       pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes from pg_stat_user_tables`,
  );
  return { rows: Number(rows[0]?.rows), bytes: Number(rows[0]?.bytes) };
}
