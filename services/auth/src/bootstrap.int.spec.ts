import { migrate } from '@handover/database';
import { createTestDatabase } from '@handover/testkit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { migrations } from './migrations/index.js';
import { isWellFormed } from './api-keys/token.js';

let database: Awaited<ReturnType<typeof createTestDatabase<'auth'>>>;

beforeAll(async () => {
  database = await createTestDatabase({ services: ['auth'] });
  await migrate({ url: database.services.auth.ownerUrl, schema: 'auth', migrations });
  vi.stubEnv('DATABASE_URL', database.services.auth.runtimeUrl);
  vi.stubEnv('JWT_SECRET', 'a secret of the tests');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  process.exitCode = 0;
  await database.drop();
});

/** Runs the command in this process; returns what it printed and its exit code. */
async function bootstrap(...options: string[]): Promise<{ printed: string; exitCode: typeof process.exitCode }> {
  vi.resetModules();
  process.exitCode = 0;
  const { argv } = process;
  process.argv = [...argv, ...options];
  const printed: string[] = [];
  const write = (text: string | Uint8Array): boolean => printed.push(String(text)) > 0;
  const outputs = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write));
  try {
    await import('./bootstrap.js');
  } finally {
    process.argv = argv;
    for (const output of outputs) output.mockRestore();
  }
  return { printed: printed.join(''), exitCode: process.exitCode };
}

it('prints the first key once, and makes no second', async () => {
  const first = await bootstrap();
  expect(isWellFormed(first.printed.trim(), 'lfl_')).toBe(true);
  expect(first.exitCode).toBe(0);
  const second = await bootstrap();
  expect(second.printed).not.toContain('lfl_');
  expect(second.exitCode).toBe(1);
});

it('makes a token without an installation', async () => {
  vi.stubEnv('DATABASE_URL', undefined);
  vi.stubEnv('JWT_SECRET', undefined);
  expect(isWellFormed((await bootstrap('--print')).printed.trim(), 'lfl_')).toBe(true);
});
