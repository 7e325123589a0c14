import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { transport } from './bus-config.js';
import { ConfigError, commonConfig, loadConfig } from './config.js';

const of = (environment: NodeJS.ProcessEnv) => transport(loadConfig(commonConfig, environment));

describe('the bus by its environment', () => {
  it('is the broker, and keeps the sockets of ZeroMQ away from it', () => {
    const AMQP_URL = 'amqp://localhost';
    expect(of({ AMQP_URL })).toEqual({ transport: 'amqp', url: AMQP_URL, prefix: 'handover' });
    expect(() => of({ AMQP_URL, ZMQ_EVENTS: 'ipc:///e' })).toThrow('ZMQ_EVENTS belong to ZeroMQ');
    expect(() => of({})).toThrow('either AMQP_URL or ZMQ_ENDPOINTS must be set');
  });

  const ZMQ_ENDPOINTS = 'auth=ipc:///run/auth.sock,engine=tcp://127.0.0.1:7001';

  it.each([
    ['an endpoint', { ZMQ_ENDPOINTS: 'auth=tcp://10.0.0.1:7001' }, 'ZMQ_ENDPOINTS (auth): tcp://10.0.0.1:7001'],
    ['commands', { ZMQ_ENDPOINTS, ZMQ_COMMANDS: 'tcp://0.0.0.0:5571' }, 'ZMQ_COMMANDS: tcp://0.0.0.0:5571'],
    ['events', { ZMQ_ENDPOINTS, ZMQ_EVENTS: 'tcp://host.example:5572' }, 'ZMQ_EVENTS: tcp://host.example:5572'],
  ])('does not leave the machine without keys: %s', (_, environment, name) => {
    expect(() => of(environment)).toThrow(ConfigError);
    expect(() => of(environment)).toThrow(`${name} leaves this machine, which needs ZMQ_CURVE_PUBLIC_KEY`);
  });

  // With the characters that separate other things.
  const [key, secret, other] = ['='.repeat(40), 's'.repeat(40), `${'o'.repeat(39)}=`];
  const complete = {
    ZMQ_ENDPOINTS: 'auth=tcp://10.0.0.1:7001,engine=tcp://10.0.0.2:7001',
    ZMQ_COMMANDS: 'tcp://0.0.0.0:5571',
    ZMQ_CURVE_PUBLIC_KEY: key,
    ZMQ_CURVE_SECRET_KEY: secret,
    ZMQ_CURVE_SERVER_KEYS: `auth=${key},engine=${other}`,
    ZMQ_CURVE_CLIENTS: `${key},${other}`,
    ZMQ_CURVE_OUTSIDERS: other,
  };

  it('leaves it with keys, the secret one from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'handover-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'secret');
    writeFileSync(path, `${secret}\n`);
    const environment = { ...complete, ZMQ_CURVE_SECRET_KEY: '', ZMQ_CURVE_SECRET_KEY_FILE: path };
    expect(of(environment)).toMatchObject({
      outside: { commands: 'tcp://0.0.0.0:5571' },
      curve: {
        publicKey: key,
        secretKey: secret,
        serverKeys: { auth: key, engine: other },
        allowedClients: [key, other],
        allowedOutsiders: [other],
      },
    });
  });

  it.each([
    'ZMQ_CURVE_PUBLIC_KEY',
    'ZMQ_CURVE_SECRET_KEY',
    'ZMQ_CURVE_SERVER_KEYS',
    'ZMQ_CURVE_CLIENTS',
    'ZMQ_CURVE_OUTSIDERS',
  ])('says that %s is missing', (name) => {
    expect(() => of({ ...complete, [name]: '' })).toThrow(name);
  });

  it('says which service has no key, and which key is none, without repeating it', () => {
    expect(() => of({ ...complete, ZMQ_CURVE_SERVER_KEYS: `auth=${key}` })).toThrow('ZMQ_CURVE_SERVER_KEYS (engine)');
    const wrong = () => of({ ...complete, ZMQ_CURVE_SECRET_KEY: 'hush' });
    expect(wrong).toThrow('ZMQ_CURVE_SECRET_KEY: must be a key of 40 characters of Z85');
    expect(wrong).not.toThrow('hush');
  });
});
