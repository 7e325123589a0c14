import type { Bus } from '@handover/bus';
import { exchangeToken } from '@handover/contracts';
import { openDatabase } from '@handover/database';
import {
  ask,
  createTokenExchange,
  listen,
  revocationsOver,
  type Logger,
  type Metrics,
  type RunningService,
} from '@handover/runtime';
import { Hono } from 'hono';
import type { Kysely } from 'kysely';
import type { GatewayConfig } from './config.js';
import type { GatewaySchema } from './database.js';
import { createAuthenticator, type Authenticator } from './http/authenticate.js';
import type { GatewayEnv, OperationPorts } from './http/context.js';
import { mount } from './http/mount.js';
import { problemResponse } from './http/problem.js';
import { createRateLimits } from './http/rate-limit.js';
import { observed } from './http/observed.js';
import { createTokenBuckets } from './http/token-bucket.js';
import { createWatches, type Watches } from './live/watches.js';
import { assetProcesses } from './surfaces/asset-processes/index.js';
import { assetStatusHandler } from './surfaces/asset-processes/status-events.js';
import { caseWorkflows } from './surfaces/case-workflows/index.js';
import { commands } from './surfaces/commands.js';
import { documentation } from './surfaces/documentation.js';
import { diagrams } from './surfaces/diagrams.js';
import { deliveries } from './surfaces/deliveries.js';
import { incidents } from './surfaces/incidents.js';
import { letsflow } from './surfaces/letsflow/index.js';
import { migrations } from './surfaces/migrations.js';
import { schemas } from './surfaces/schemas.js';
import { services } from './surfaces/services.js';
import { webhooks } from './surfaces/webhooks.js';
import { workflowRecords } from './surfaces/workflow-records/index.js';
import { migrations as schemaMigrations } from './migrations/index.js';

const INFO = {
  name: 'handover',
  version: '0.1.0',
  description: 'Workflow platform for work that people, services and agents hand over to each other',
};

export interface GatewayPorts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics?: Metrics;
  /** Whether this gateway takes the engine's events; default true. On a bus without replicas one of several does. */
  readonly followsEvents?: boolean;
}

export interface GatewayAppPorts extends GatewayPorts {
  readonly db: Kysely<GatewaySchema>;
  readonly watches: Watches;
}

/** The gateway's HTTP application, without a socket. */
export function gatewayApp(
  config: GatewayConfig,
  { bus, log, metrics, db, watches }: GatewayAppPorts,
): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  const timeoutMs = config.REQUEST_TIMEOUT_MS;
  const authenticator = authenticatorOf(config, { bus, log, ...(metrics && { metrics }) });
  const ports: OperationPorts = {
    caller: (context) => authenticator.caller(context),
    callerAnew: (context) => authenticator.callerAnew(context),
    ask: (context, contract, body, caller) => {
      const headers = context.get('messageHeaders');
      const signed = caller && { principal: caller.signed, tenant: caller.principal.tenant };
      return ask(bus, contract, body, { headers: { ...headers, ...signed }, timeoutMs });
    },
  };

  app.use(observed(metrics));
  app.onError((error, context) => problemResponse(error, context, log));
  const info = { ...INFO, env: config.NODE_ENV };
  const surfaces = [
    ...letsflow(info, watches),
    ...documentation(info),
    ...diagrams(),
    ...commands,
    ...incidents,
    ...migrations,
    ...webhooks,
    ...schemas,
    ...services,
    ...deliveries,
    ...assetProcesses(db, config.ASSET_TAG_PREFIX),
    ...workflowRecords,
    ...caseWorkflows(db, watches),
  ];
  mount(app, surfaces, ports, { bodyLimit: config.BODY_LIMIT });
  return app;
}

/** Tokens are exchanged at auth; how often callers may call, and guess, is counted here. */
function authenticatorOf(config: GatewayConfig, { bus, log, metrics }: GatewayPorts): Authenticator {
  const windowSeconds = config.RATE_LIMIT_WINDOW;
  return createAuthenticator({
    tokens: createTokenExchange(revocationsOver(bus)),
    exchange: (token, context) =>
      ask(
        bus,
        exchangeToken,
        { token },
        { headers: context.get('messageHeaders'), timeoutMs: config.REQUEST_TIMEOUT_MS },
      ),
    limits: createRateLimits(
      { limit: config.RATE_LIMIT_KEY, windowSeconds },
      { limit: config.RATE_LIMIT_TENANT, windowSeconds },
    ),
    failures: createTokenBuckets({ limit: config.AUTH_FAILURES_PER_MINUTE, windowSeconds: 60 }),
    trustedProxies: config.TRUSTED_PROXIES,
    log,
    exchanged: (outcome) => metrics?.count('handover_token_exchanges_total', { outcome }),
  });
}

/** The gateway, listening until stopped. */
export async function startGateway(config: GatewayConfig, ports: GatewayPorts): Promise<RunningService> {
  const { log } = ports;
  const database = openDatabase<GatewaySchema>({
    url: config.DATABASE_URL,
    applicationName: 'handover-gateway',
    migrations: Object.keys(schemaMigrations),
    poolSize: config.DATABASE_POOL,
    log,
  });
  const { bus, followsEvents = true } = ports;
  const watches = createWatches(bus, {
    most: config.WATCHES,
    mostOfTenant: config.WATCHES_TENANT,
    lookEveryMs: config.WATCH_LOOK_MS,
  });
  const app = gatewayApp(config, { ...ports, db: database.db, watches });
  const events = followsEvents ? await bus.subscribe('gateway.assets', assetStatusHandler(database.db)) : undefined;
  const server = await listen(app.fetch, { port: config.PORT, host: config.HOST });
  return {
    url: server.url,
    dependencies: [{ name: 'database', check: () => database.ready() }],
    async stop() {
      await watches.close();
      await server.close();
      await events?.close();
      await database.close();
    },
  };
}
