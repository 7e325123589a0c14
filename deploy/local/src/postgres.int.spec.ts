import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@handover/testkit';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlatformInHand } from './test/platform-in-hand.js';

let platform: PlatformInHand;

beforeEach(async () => {
  platform = await PlatformInHand.create();
});
afterEach(() => platform.close());

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return client
    .query(text)
    .then(({ rows }) => rows as unknown[])
    .finally(() => client.end());
}

async function urlOf(name: string, use: 'owner' | 'runtime'): Promise<string> {
  const event = use === 'owner' ? 'migrated' : 'started';
  const entry = (await platform.journal(event)).findLast((candidate) => candidate.name === name);
  return (use === 'owner' ? entry?.url : entry?.environment?.DATABASE_URL) ?? '';
}

const serverPid = async () =>
  Number.parseInt(await readFile(join(platform.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8'), 10);

describe('the built-in Postgres', { timeout: 90_000 }, () => {
  it('keeps its data over a kill of everything', async () => {
    const first = await platform.ready();
    await query(await urlOf('engine', 'owner'), 'create table kept (id int)');
    await query(await urlOf('engine', 'runtime'), 'insert into kept values (42)');
    const server = await serverPid();
    first.signal('SIGKILL');
    for (const { pid } of await platform.journal('started')) process.kill(pid, 'SIGKILL');
    process.kill(server, 'SIGKILL');
    await platform.expectNothingLeft();
    const second = await platform.ready();
    expect(await query(await urlOf('engine', 'runtime'), 'select id from kept')).toEqual([{ id: 42 }]);
    second.signal('SIGTERM');
    expect((await second.exited).code).toBe(0);
    await platform.expectNothingLeft();
  });

  it('stops with a launcher that is killed', async () => {
    const launcher = await platform.ready();
    launcher.signal('SIGKILL');
    await platform.expectNothingLeft();
  });

  it('is started again on the same port when it dies', async () => {
    const { line } = await platform.ready();
    const url = await urlOf('engine', 'runtime');
    process.kill(await serverPid(), 'SIGKILL');
    await line(/postgres ended; it is started again in 0.25 s \(log: .*server\.log\)/);
    await eventually(() => query(url, 'select 1'), { withinMs: 20_000 });
  });
});
