import type { Bus } from '@handover/bus';
import { HandoverError, exchangeToken, getSigningKeys, listDemoAccounts } from '@handover/contracts';
import { openDatabase } from '@handover/database';
import { answer, route, type Logger, type RunningService } from '@handover/runtime';
import { issueDemoTokens } from './accounts/demo-accounts.js';
import type { AuthConfig } from './config.js';
import type { AuthSchema } from './database.js';
import { exchange } from './exchange/exchange.js';
import { createSigningKeys } from './keys/signing-keys.js';

export interface AuthPorts {
  readonly bus: Bus;
  readonly log: Logger;
}

/** The auth service, answering requests until stopped. */
export async function startAuth(config: AuthConfig, { bus, log }: AuthPorts): Promise<RunningService> {
  const database = openDatabase<AuthSchema>({
    url: config.DATABASE_URL,
    applicationName: 'handover-auth',
    poolSize: config.DATABASE_POOL,
    log,
  });
  const keys = createSigningKeys(database.db);

  const routes = [
    route(exchangeToken, ({ token }) => exchange(token, config, keys)),
    route(getSigningKeys, async () => ({ keys: (await keys.published()).map((key) => ({ ...key })) })),
    route(listDemoAccounts, async () => {
      if (!config.DEMO_ACCOUNTS) throw new HandoverError('demo_accounts_disabled', 'Demo accounts are disabled');
      const claims = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, tenant: config.DEFAULT_TENANT };
      return { accounts: await issueDemoTokens(new TextEncoder().encode(config.JWT_SECRET), claims) };
    }),
  ];
  const registration = await answer(bus, 'auth', routes, log);

  return {
    dependencies: [{ name: 'database', check: () => database.ready() }],
    async stop() {
      await registration.close();
      await database.close();
    },
  };
}
