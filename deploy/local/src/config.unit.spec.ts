import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.js';

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toEqual({
      port: 3_000,
      host: '127.0.0.1',
      dataDirectory: resolve('.handover'),
      databaseUrl: undefined,
      amqpUrl: undefined,
      showLogs: false,
      environment: {},
    });
  });

  it('takes an empty variable for none', () => {
    const { port, databaseUrl, environment } = readConfig({ PORT: '', DATABASE_URL: '', AUTH_ROLES: '' });
    expect([port, databaseUrl, environment]).toEqual([3_000, undefined, {}]);
  });

  it('names every variable that is wrong, and no value', () => {
    const environment = { PORT: '70000', DATABASE_URL: 'mysql://root:hidden@x/y', AMQP_URL: 'http://x', LOG: 'all' };
    expect(() => readConfig(environment)).toThrow(/PORT: (.|\n)*DATABASE_URL: (.|\n)*AMQP_URL: (.|\n)*LOG: /);
    expect(() => readConfig(environment)).not.toThrow(/hidden/);
  });
});
