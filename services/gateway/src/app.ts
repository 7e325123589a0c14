import type { Bus } from '@handover/bus';
import { HandoverError, exchangeToken } from '@handover/contracts';
import { ask, createTokenExchange, listen, revocationsOver, type Logger, type RunningService } from '@handover/runtime';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { GatewayConfig } from './config.js';
import { createAuthenticator, type Authenticator } from './http/authenticate.js';
import type { GatewayEnv, SurfacePorts } from './http/context.js';
import { problemResponse } from './http/problem.js';
import { createRateLimits } from './http/rate-limit.js';
import { requestIds } from './http/request-id.js';
import { createTokenBuckets } from './http/token-bucket.js';
import { incidents } from './surfaces/incidents.js';
import { letsflow } from './surfaces/letsflow/index.js';
import { webhooks } from './surfaces/webhooks.js';

const INFO = {
  name: 'handover',
  version: '0.1.0',
  description: 'Workflow platform for work that people, services and agents hand over to each other',
};

export interface GatewayPorts {
  readonly bus: Bus;
  readonly log: Logger;
}

/** The gateway's HTTP application, without a socket. */
export function gatewayApp(config: GatewayConfig, { bus, log }: GatewayPorts): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  const timeoutMs = config.REQUEST_TIMEOUT_MS;
  const authenticator = authenticatorOf(config, { bus, log });
  const ports: SurfacePorts = {
    caller: (context) => authenticator.caller(context),
    ask: (context, contract, body, caller) => {
      const headers = context.get('messageHeaders');
      const signed = caller && { principal: caller.signed, tenant: caller.principal.tenant };
      return ask(bus, contract, body, { headers: { ...headers, ...signed }, timeoutMs });
    },
  };

  app.use(requestIds);
  app.use(bodyLimit({ maxSize: config.BODY_LIMIT, onError: () => refuseLargeBody(config.BODY_LIMIT) }));
  app.route('/', letsflow({ ...INFO, env: config.NODE_ENV, schemas: [] }, ports));
  app.route('/incidents', incidents(ports));
  app.route('/webhooks', webhooks(ports));
  app.notFound((context) =>
    problemResponse(
      new HandoverError('not_found', `There is nothing at ${context.req.method} ${context.req.path}`),
      context,
      log,
    ),
  );
  app.onError((error, context) => problemResponse(error, context, log));
  return app;
}

/** Tokens are exchanged at auth; how often callers may call, and guess, is counted here. */
function authenticatorOf(config: GatewayConfig, { bus, log }: GatewayPorts): Authenticator {
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
  });
}

function refuseLargeBody(limit: number): never {
  throw new HandoverError('body_too_large', `The body is larger than ${limit} bytes`);
}

/** The gateway, listening until stopped. */
export async function startGateway(config: GatewayConfig, ports: GatewayPorts): Promise<RunningService> {
  const app = gatewayApp(config, ports);
  const server = await listen(app.fetch, { port: config.PORT, host: config.HOST });
  return { url: server.url, dependencies: [], stop: () => server.close() };
}
