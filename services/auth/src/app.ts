import type { Bus } from '@handover/bus';
import {
  HandoverError,
  checkApiKey,
  exchangeToken,
  getSigningKeys,
  listDemoAccounts,
  listRevocations,
} from '@handover/contracts';
import { isConnectionFailure, openDatabase } from '@handover/database';
import {
  answer,
  route,
  verifierTrusting,
  meterConnections,
  type Logger,
  type Metrics,
  type RequestRoute,
  type RunningService,
} from '@handover/runtime';
import type { Kysely } from 'kysely';
import { issueDemoTokens } from './accounts/demo-accounts.js';
import { apiKeyRoutes } from './api-keys/api-key.routes.js';
import { storeFirstKey } from './api-keys/first-key.js';
import { isRevoked } from './api-keys/api-key.repository.js';
import { createLastUsed } from './api-keys/last-used.js';
import { recentRevocations } from './api-keys/revocations.js';
import { issuersOf, type AuthConfig } from './config.js';
import type { AuthSchema } from './database.js';
import { exchange } from './exchange/exchange.js';
import type { IdentifyPorts } from './exchange/identified.js';
import { createJwtReader } from './exchange/jwt.js';
import { createSigningKeys } from './keys/signing-keys.js';
import { startRelay } from './outbox/relay.js';
import { migrations } from './migrations/index.js';

/** How often the outbox is looked at when nothing wakes it. */
const OUTBOX_POLL_MS = 2_000;

export interface AuthPorts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

/** The auth service, answering requests until stopped. */
export async function startAuth(config: AuthConfig, { bus, log, metrics }: AuthPorts): Promise<RunningService> {
  const database = openDatabase<AuthSchema>({
    url: config.DATABASE_URL,
    applicationName: 'handover-auth',
    migrations: Object.keys(migrations),
    poolSize: config.DATABASE_POOL,
    log,
  });
  const { db } = database;
  meterConnections(metrics, () => database.connections());
  if (config.BOOTSTRAP_API_KEY !== undefined)
    await storeFirstKey(db, log, config.BOOTSTRAP_API_KEY, config.DEFAULT_TENANT);
  const jwts = createJwtReader(issuersOf(config), config.DEFAULT_TENANT);
  const lastUsed = createLastUsed(db, log, config.LAST_USED_INTERVAL_MS);
  const relay = startRelay(db, bus, log, OUTBOX_POLL_MS);
  const ports = { config, db, log, jwts, lastUsed };
  const answers = routes(bus, ports, () => relay.wake());
  const registration = await answer(bus, 'auth', answers, log, metrics, { isAway: isConnectionFailure });

  return {
    dependencies: [{ name: 'database', check: () => database.ready() }],
    async stop() {
      await registration.close();
      await lastUsed.stop();
      await relay.stop();
      await database.close();
    },
  };
}

/** What auth answers. Its own callers it verifies like everybody else does, only that it has the keys at hand. */
function routes(bus: Bus, ports: IdentifyPorts, announced: () => void): RequestRoute[] {
  const { config, db, log } = ports;
  const keys = createSigningKeys(db);
  const signingKeys = async () => ({ keys: await keys.published() });
  const verifier = verifierTrusting({ signingKeys, revocations: alwaysAsked(db) });

  return [
    route(exchangeToken, ({ token }) => exchange(token, ports, keys)),
    route(getSigningKeys, async () => ({ keys: (await keys.published()).map((key) => ({ ...key })) })),
    route(listRevocations, async () => ({ keys: await recentRevocations(db) })),
    route(checkApiKey, async ({ tenant, key }) => ({ revoked: await isRevoked(db, tenant, key) })),
    route(listDemoAccounts, () => demoAccounts(config)),
    ...apiKeyRoutes({ db, bus, log, verifier, prefix: config.API_KEY_PREFIX, announced }),
  ];
}

/** Auth has the list at hand: it keeps no copy that could be out of date. */
const alwaysAsked = (db: Kysely<AuthSchema>) => ({
  includes: async (key: string) => (await recentRevocations(db)).includes(key),
});

async function demoAccounts(config: AuthConfig) {
  if (!config.DEMO_ACCOUNTS || config.JWT_SECRET === undefined) {
    throw new HandoverError('demo_accounts_disabled', 'Demo accounts are disabled');
  }
  const claims = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, tenant: config.DEFAULT_TENANT };
  return { accounts: await issueDemoTokens(new TextEncoder().encode(config.JWT_SECRET), claims) };
}
