import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ConfigError, commonConfig, loadConfig } from './config.js';

const schema = commonConfig.extend({ SECRET: z.string().min(8), LIMIT: z.coerce.number().default(5) });

describe('a service’s configuration', () => {
  it('fills in defaults and takes an empty variable for an absent one', () => {
    const config = loadConfig(schema, { SECRET: 'long enough', LIMIT: '' });
    expect(config).toMatchObject({ NODE_ENV: 'production', LOG_LEVEL: 'info', LIMIT: 5 });
  });

  it('names every variable that is wrong, and no value', () => {
    const load = () => loadConfig(schema, { SECRET: 'short', LOG_LEVEL: 'loud' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/LOG_LEVEL: [^]*SECRET: /);
    expect(load).not.toThrow(/short|loud/);
  });

  it('says which variable is missing', () => {
    expect(() => loadConfig(schema, {})).toThrow(/SECRET: is not set$/);
  });

  it('reads a secret from the file that NAME_FILE names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'handover-config-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'secret');
    writeFileSync(path, 'from a mounted file\n');
    expect(loadConfig(schema, { SECRET_FILE: path }).SECRET).toBe('from a mounted file');
  });

  it('leaves alone what other programs call a file', () => {
    expect(loadConfig(schema, { SECRET: 'long enough', OTHER_FILE: '/nowhere' }).SECRET).toBe('long enough');
  });

  it('says which file cannot be read', () => {
    expect(() => loadConfig(schema, { SECRET_FILE: '/nowhere/secret' })).toThrow(
      /SECRET_FILE: the file cannot be read/,
    );
  });

  it('reads bus endpoints as pairs and refuses half a pair', () => {
    const endpoints = 'auth=ipc:///tmp/auth.sock,engine=tcp://127.0.0.1:7001';
    expect(loadConfig(commonConfig, { ZMQ_ENDPOINTS: endpoints }).ZMQ_ENDPOINTS).toEqual({
      auth: 'ipc:///tmp/auth.sock',
      engine: 'tcp://127.0.0.1:7001',
    });
    expect(() => loadConfig(commonConfig, { ZMQ_ENDPOINTS: 'auth' })).toThrow(/ZMQ_ENDPOINTS: must be pairs/);
  });
});
