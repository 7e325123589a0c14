import { createBus, type Bus } from '@handover/bus';
import { TOPOLOGY, exchangeToken, type AnswerOf, type BodyOf, type RequestContract } from '@handover/contracts';
import { migrate } from '@handover/database';
import { ask, createLogger, type Logger } from '@handover/runtime';
import { createTestDatabase } from '@handover/testkit';
import { SignJWT } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAuth } from '../src/app.js';
import { authConfig } from '../src/config.js';
import { migrations } from '../src/migrations/index.js';

const SECRET = 'a secret of the tests';

/** The auth service on a real bus and database, and somebody who asks it. */
export interface AuthInHand {
  readonly client: Bus;
  readonly runtimeUrl: string;
  readonly adminUrl: string;
  /** A bearer token of the configured issuer. */
  jwt(claims: Record<string, unknown>): Promise<string>;
  /** Exchanges a token; `unauthenticated` unless it is good. */
  exchange(token: string | null): Promise<AnswerOf<typeof exchangeToken>>;
  /** Asks as whoever the token speaks for. */
  as<C extends RequestContract>(token: string, contract: C, body: BodyOf<C>): Promise<AnswerOf<C>>;
  stop(): Promise<void>;
}

export async function authInHand(
  environment: Record<string, string> = {},
  log: Logger = createLogger('test', 'silent'),
): Promise<AuthInHand> {
  const database = await createTestDatabase({ services: ['auth'] });
  const { ownerUrl, runtimeUrl } = database.services.auth;
  await migrate({ url: ownerUrl, schema: 'auth', migrations });
  const folder = await mkdtemp(join(tmpdir(), 'handover-auth-'));
  const endpoints = { auth: `ipc://${folder}/auth.sock`, engine: `ipc://${folder}/engine.sock` };
  const connect = async (service: string): Promise<Bus> => {
    const bus = createBus({ transport: 'zeromq', service, endpoints, topology: TOPOLOGY, logger: log });
    await bus.start();
    return bus;
  };
  const server = await connect('auth');
  const client = await connect('engine');
  const config = authConfig.parse({
    NODE_ENV: 'development',
    DATABASE_URL: runtimeUrl,
    JWT_SECRET: SECRET,
    ...environment,
  });
  const auth = await startAuth(config, { bus: server, log });
  const exchange = (token: string | null) => ask(client, exchangeToken, { token });

  return {
    client,
    runtimeUrl,
    adminUrl: database.adminUrl,
    exchange,
    jwt: (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('10m')
        .sign(new TextEncoder().encode(SECRET)),
    async as(token, contract, body) {
      const { signed } = await exchange(token);
      return ask(client, contract, body, { headers: { principal: signed } });
    },
    async stop() {
      await client.stop();
      await auth.stop();
      await server.stop();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}
