import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { busEndpoints } from './endpoints.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'he-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const socketDirectory = (variable: string) => /ipc:\/\/(.+?)\/auth\.sock/.exec(variable)?.[1] ?? '';

describe('bus endpoints', () => {
  it('are sockets in a directory of our own, the same for the same data, emptied before use', async () => {
    vi.stubEnv('TMPDIR', directory);
    const first = await busEndpoints(['auth', 'gateway'], 'data');
    const place = socketDirectory(first.variable);
    expect(first.variable).toBe(`auth=ipc://${place}/auth.sock,gateway=ipc://${place}/gateway.sock`);
    expect(first.outside).toEqual({
      commands: `ipc://${place}/commands.sock`,
      events: `ipc://${place}/events.sock`,
    });
    expect((await stat(place)).mode & 0o777).toBe(0o700);
    await writeFile(join(place, 'auth.sock'), 'left by a crash');
    const second = await busEndpoints(['auth', 'gateway'], 'data');
    expect(second.variable).toBe(first.variable);
    await expect(stat(join(place, 'auth.sock'))).rejects.toThrow('ENOENT');
    const other = await busEndpoints(['auth'], 'other data');
    expect(socketDirectory(other.variable)).not.toBe(place);
    await second.remove();
    await expect(stat(place)).rejects.toThrow('ENOENT');
  });

  it('are loopback ports, all different, where a socket path would be too long', async () => {
    const deep = join(directory, 'x'.repeat(100));
    await mkdir(deep);
    vi.stubEnv('TMPDIR', deep);
    const { variable, outside, remove } = await busEndpoints(['auth', 'engine'], 'data');
    const [, first, second] =
      /^auth=tcp:\/\/127\.0\.0\.1:(\d+),engine=tcp:\/\/127\.0\.0\.1:(\d+)$/.exec(variable) ?? [];
    expect(Number(first)).toBeGreaterThan(0);
    expect(
      new Set([`tcp://127.0.0.1:${first}`, `tcp://127.0.0.1:${second}`, outside.commands, outside.events]).size,
    ).toBe(4);
    await remove();
  });
});
