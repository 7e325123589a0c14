import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepSecrets } from './secrets.js';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'handover-secrets-'));
  file = join(directory, 'secrets.json');
});
afterEach(() => rm(directory, { recursive: true }));

describe('secrets', () => {
  it('are made once, kept, and readable for this user only', async () => {
    const made = await keepSecrets(file, ['auth', 'engine']);
    expect(await keepSecrets(file, ['auth', 'engine'])).toEqual(made);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['secrets.json']);
    const { auth, engine } = made.passwords;
    expect(new Set([auth?.owner, auth?.runtime, engine?.owner, engine?.runtime]).size).toBe(4);
  });

  it('stay when a service is added', async () => {
    const before = await keepSecrets(file, ['auth']);
    const after = await keepSecrets(file, ['auth', 'gateway']);
    expect(after).toEqual({ ...before, passwords: { ...before.passwords, gateway: after.passwords.gateway } });
    expect(after.passwords.gateway?.owner).toBeDefined();
  });

  it('are closed again when somebody opened them', async () => {
    await keepSecrets(file, []);
    await chmod(file, 0o644);
    await keepSecrets(file, []);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{"jwtSecret": 1}'])('are never replaced when the file is damaged (%j)', async (content) => {
    await writeFile(file, content);
    await expect(keepSecrets(file, [])).rejects.toThrow('secrets.json is damaged: restore it');
  });
});
