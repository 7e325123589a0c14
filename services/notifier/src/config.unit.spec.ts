import { ConfigError, loadConfig } from '@handover/runtime';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { notifierConfig } from './config.js';

const needed = {
  DATABASE_URL: 'postgres://notifier@127.0.0.1/handover',
  WEBHOOK_SECRET_KEY: randomBytes(32).toString('base64'),
};

describe('the notifier’s configuration', () => {
  it('has the schedule of Standard Webhooks and refuses loopback unless told otherwise', () => {
    const config = loadConfig(notifierConfig, needed);
    expect(config.WEBHOOK_SCHEDULE.map((ms) => ms / 1_000)).toEqual([
      0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(config).toMatchObject({ WEBHOOK_ALLOW_LOOPBACK: false, WEBHOOK_TIMEOUT_MS: 10_000 });
    expect(config.WEBHOOK_SECRET_KEY).toHaveLength(32);
  });

  it.each([
    ['WEBHOOK_SCHEDULE', '0s,soon'],
    ['WEBHOOK_SECRET_KEY', 'not base64!'],
    ['WEBHOOK_SECRET_KEY', randomBytes(16).toString('base64')],
    ['WEBHOOK_TIMEOUT_MS', '0'],
  ])('names what is wrong with %s', (name, value) => {
    const load = () => loadConfig(notifierConfig, { ...needed, [name]: value });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(name);
  });

  it('needs a key', () => {
    expect(() => loadConfig(notifierConfig, { DATABASE_URL: needed.DATABASE_URL })).toThrow('WEBHOOK_SECRET_KEY');
  });
});
