import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.js';
import { serviceEnvironment } from './environment.js';

const secrets = { jwtSecret: 'generated', webhookSecretKey: 'generated key', passwords: {} };
const places = {
  databaseUrls: { auth: 'postgres://auth' },
  endpoints: 'auth=ipc:///x',
  outside: { commands: 'ipc:///c', events: 'ipc:///e' },
};
const environmentOf = (name: string, environment: NodeJS.ProcessEnv) =>
  serviceEnvironment(name, readConfig(environment), secrets, places);

describe('the environment of a service', () => {
  it('prefers secrets the caller brings to generated ones', () => {
    expect(environmentOf('auth', {}).JWT_SECRET).toBe('generated');
    expect(environmentOf('auth', { JWT_SECRET: 'mine' }).JWT_SECRET).toBe('mine');
    expect(environmentOf('notifier', { WEBHOOK_SECRET_KEY: 'mine' }).WEBHOOK_SECRET_KEY).toBe('mine');
  });

  it('holds a secret only where it is needed', () => {
    expect(environmentOf('engine', {})).not.toHaveProperty('JWT_SECRET');
    expect(environmentOf('gateway', {})).not.toHaveProperty('WEBHOOK_SECRET_KEY');
    expect(environmentOf('gateway', {})).not.toHaveProperty('DATABASE_URL');
  });

  it('gives programs of the user sockets of their own, where the user wants them; none beside a broker', () => {
    expect(environmentOf('engine', {})).toMatchObject({ ZMQ_COMMANDS: 'ipc:///c', ZMQ_EVENTS: 'ipc:///e' });
    const ZMQ_COMMANDS = 'tcp://127.0.0.1:5571';
    expect(environmentOf('engine', { ZMQ_COMMANDS })).toMatchObject({ ZMQ_COMMANDS, ZMQ_EVENTS: 'ipc:///e' });
    expect(environmentOf('engine', { AMQP_URL: 'amqp://localhost' })).not.toHaveProperty('ZMQ_EVENTS');
  });

  it('is one for development, whatever the caller runs in', () => {
    expect(environmentOf('auth', { NODE_ENV: 'production', PATH: '/bin' })).toMatchObject({
      NODE_ENV: 'development',
      PATH: '/bin',
      DATABASE_URL: 'postgres://auth',
    });
  });
});
