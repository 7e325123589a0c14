import { openDatabase, type Database } from '@handover/database';
import { createLogger } from '@handover/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { newToken } from '../api-keys/token.js';
import { authConfig, issuersOf } from '../config.js';
import type { AuthSchema } from '../database.js';
import type { IdentifyPorts } from './identified.js';
import { identify } from './identify.js';
import { createJwtReader } from './jwt.js';

/** Nobody listens there: whatever asks the database fails, and not in the words of a refused token. */
const config = authConfig.parse({
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  JWT_SECRET: 'a secret of the tests',
});
const database: Database<AuthSchema> = openDatabase({ url: config.DATABASE_URL, applicationName: 'test' });
const ports: IdentifyPorts = {
  config,
  db: database.db,
  log: createLogger('test', 'silent'),
  jwts: createJwtReader(issuersOf(config), config.DEFAULT_TENANT),
  lastUsed: { note: () => undefined, stop: async () => undefined },
};
afterAll(() => database.close());

describe('a key with a wrong checksum', () => {
  it('is refused without a query', async () => {
    const token = newToken('lfl_');
    const mistyped = `lfl_${token.at(4) === 'a' ? 'b' : 'a'}${token.slice(5)}`;
    await expect(identify(mistyped, ports)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(identify(token, ports)).rejects.not.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('no token', () => {
  it('is refused unless a default account is configured', async () => {
    await expect(identify(null, ports)).rejects.toMatchObject({ code: 'unauthenticated' });
    const { principal } = await identify(null, { ...ports, config: { ...config, DEFAULT_ACCOUNT: 'admin' } });
    expect(principal).toMatchObject({ id: 'admin', roles: ['admin'] });
  });
});
