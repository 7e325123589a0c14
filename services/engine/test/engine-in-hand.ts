import type { Principal } from '@handover/contracts';
import { migrate, openDatabase, type Database } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { createTestDatabase } from '@handover/testkit';
import type { EngineSchema } from '../src/database.js';
import { migrations } from '../src/migrations/index.js';
import { createWritePath, type WritePath } from '../src/processes/write-path.js';
import { createScenarioStore, type ScenarioStore } from '../src/scenarios/scenario-store.js';
import { store } from '../src/scenarios/store-scenario.js';

/** One engine's inside, without a bus: as many as a test likes on one database. */
export interface Replica {
  readonly db: Database<EngineSchema>['db'];
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
}

export interface EngineInHand {
  replica(): Replica;
  /** Stores a scenario written in YAML; returns its id. */
  store(tenant: string, yaml: string): Promise<string>;
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

  const replica = (): Replica => {
    const database = openDatabase<EngineSchema>({ url: runtimeUrl, applicationName: 'engine-test', poolSize: 4 });
    const scenarios = createScenarioStore(100);
    const writes = createWritePath({ db: database.db, scenarios, log, committed: () => undefined });
    databases.push(database);
    writePaths.push(writes);
    return { db: database.db, scenarios, writes };
  };

  const first = replica();
  return {
    replica,
    store: async (tenant, yaml) => (await store(first.db, tenant, { source: yaml, format: 'yaml' })).id,
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
