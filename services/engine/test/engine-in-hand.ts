import { sql } from 'kysely';
import type { Principal } from '@handover/contracts';
import { migrate, openDatabase, type Database } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { createTestDatabase } from '@handover/testkit';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../src/database.js';
import { migrations } from '../src/migrations/index.js';
import { createProcessCache } from '../src/processes/process-cache.js';
import { createWritePath, type WritePath } from '../src/processes/write-path.js';
import { createScenarioStore, type ScenarioStore } from '../src/scenarios/scenario-store.js';
import { store } from '../src/scenarios/store-scenario.js';

/** One engine's inside, without a bus: as many as a test likes on one database. */
export interface Replica {
  readonly database: Database<EngineSchema>;
  readonly db: Database<EngineSchema>['db'];
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
}

/** Leaves every announcement in the outbox, where a test can see it. */
const noRelay = { id: randomUUID(), lease: () => undefined, carry: () => undefined, wake: () => undefined };

export interface EngineInHand {
  /** @param queue most commands that wait in it */
  replica(queue?: number): Replica;
  /** Stores a scenario written in YAML; returns its id. */
  store(tenant: string, yaml: string): Promise<string>;
  /** Bytes of tables with their indexes and TOAST after the dead rows are taken out of them. */
  diskOf(tables: readonly string[]): Promise<number>;
  /** Connects as the role that owns the schema. */
  readonly ownerUrl: string;
  close(): Promise<void>;
}

/** A migrated schema `engine` in a database of its own, reached as the runtime role. */
export async function engineInHand(): Promise<EngineInHand> {
  const test = await createTestDatabase({ services: ['engine'] });
  const { ownerUrl, runtimeUrl } = test.services.engine;
  await migrate({ url: ownerUrl, schema: 'engine', migrations });
  const log = createLogger('engine', 'silent');
  const databases: Database<EngineSchema>[] = [];
  const writePaths: WritePath[] = [];

  const replica = (queue?: number): Replica => {
    const database = openDatabase<EngineSchema>({ url: runtimeUrl, applicationName: 'engine-test', poolSize: 4 });
    const scenarios = createScenarioStore(100);
    const writes = createWritePath({
      database,
      scenarios,
      cache: createProcessCache(1024 * 1024),
      relay: noRelay,
      log,
      committed: () => undefined,
      ...(queue !== undefined && { queue }),
    });
    databases.push(database);
    writePaths.push(writes);
    return { database, db: database.db, scenarios, writes };
  };

  const first = replica();
  return {
    replica,
    ownerUrl,
    store: async (tenant, yaml) =>
      (await store(first.db, { tenant, id: 'author' }, { source: yaml, format: 'yaml' })).id,
    async diskOf(tables) {
      const owner = openDatabase({ url: ownerUrl, applicationName: 'engine-test', poolSize: 1 });
      try {
        let bytes = 0;
        for (const table of tables) {
          await sql`vacuum ${sql.table(table)}`.execute(owner.db);
          const size = sql<{ bytes: number }>`select pg_total_relation_size(${table}::regclass)::int as bytes`;
          bytes += (await size.execute(owner.db)).rows[0]?.bytes ?? 0;
        }
        return bytes;
      } finally {
        await owner.close();
      }
    },
    async close() {
      await Promise.all(writePaths.map((writes) => writes.stop()));
      await Promise.all(databases.map((database) => database.close()));
      await test.drop();
    },
  };
}

/** A user of a tenant who may do everything there, unless told otherwise. */
export function user(id: string, overrides: Partial<Principal> = {}): Principal {
  return {
    tenant: 'acme',
    kind: 'user',
    id,
    info: {},
    roles: [],
    privileges: ['process:start', 'process:step'],
    ...overrides,
  };
}
