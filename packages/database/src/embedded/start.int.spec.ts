import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, Recording, spawnNode } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withClient } from '../client.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start.js';

let directory: string;
let messages: Recording<string>;
const running = new Set<EmbeddedPostgres>();
/** What a test made outside of its directory. */
const outside = new Set<string>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'handover-embedded-'));
  await chmod(directory, 0o711);
  messages = new Recording('messages');
});
afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
  for (const place of [directory, ...outside]) await rm(place, { recursive: true, force: true });
  outside.clear();
});

const log = {
  info: (_fields: object, message: string) => {
    messages.record(message);
  },
  warn: (_fields: object, message: string) => {
    messages.record(message);
  },
};

async function start(options: { port?: number; dataDirectory?: string } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), log, ...options });
  running.add(server);
  return server;
}

const query = <Row>(url: string, text: string): Promise<Row[]> =>
  withClient(url, 'test', async (client) => (await client.query(text)).rows as Row[]);
const rows = (server: EmbeddedPostgres) => query<{ id: number }>(server.adminUrl, 'select id from kept order by id');
const keep = (server: EmbeddedPostgres) =>
  query(server.adminUrl, 'create table kept as select generate_series(1, 3) as id');
const pidOf = async (server: EmbeddedPostgres) =>
  Number.parseInt(await readFile(join(server.cluster, 'postmaster.pid'), 'utf8'), 10);
const refused = (url: string) => expect(query(url, 'select 1')).rejects.toThrow();

describe('an embedded Postgres', () => {
  it('keeps its data over a stop and a start', async () => {
    const first = await start();
    await keep(first);
    await first.stop();
    await refused(first.adminUrl);
    const second = await start({ port: first.port });
    expect(second.adminUrl).toBe(first.adminUrl);
    expect(await rows(second)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await Promise.all([second.stop(), second.stop()]);
    await second.exited;
  });

  it('is durable, speaks UTF-8, sorts by code point and asks for a password on loopback only', async () => {
    const server = await start();
    const settings = await query<{ name: string; setting: string }>(
      server.adminUrl,
      `select name, setting from pg_settings where name in
       ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'unix_socket_directories', 'server_encoding')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      server_encoding: 'UTF8',
    });
    const sorted = await query(
      server.adminUrl,
      `select string_agg(c, '' order by c) || upper('é') as c from
                                                 unnest(array['a', 'Z', 'é', '_']) c`,
    );
    expect(sorted).toEqual([{ c: 'Z_aéÉ' }]);
    await refused(Object.assign(new URL(server.adminUrl), { password: 'wrong' }).href);
    expect(await readFile(join(server.cluster, 'pg_hba.conf'), 'utf8')).not.toMatch(/^[^#].*trust/m);
  });

  it('says which port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(new RegExp(`port ${port}(.|\n)*Address already in use`));
    squatter.close();
  });
});

describe('after a violent end', () => {
  it('has every acknowledged row when server and owner were killed', async () => {
    const first = await start();
    await query(first.adminUrl, 'create table kept (id int)');
    let acknowledged = 0;
    const writing = withClient(first.adminUrl, 'writer', async (client) => {
      for (;;) {
        await client.query('insert into kept values ($1)', [acknowledged + 1]);
        acknowledged += 1;
      }
    }).catch(() => undefined);
    await eventually(() => {
      expect(acknowledged).toBeGreaterThan(50);
    });
    process.kill(await pidOf(first), 'SIGKILL');
    await writing;
    await first.exited;
    const recovered = (await rows(await start())).length;
    // The row under way at the kill may or may not be there.
    expect([acknowledged, acknowledged + 1]).toContain(recovered);
  });

  it('stops by itself when its owner is killed, and starts again with all data', async () => {
    const owner = spawnNode(join(import.meta.dirname, 'owner.fixture.ts'), { args: [join(directory, 'postgres')] });
    const [, url = ''] = await owner.line(/^started (.*)$/);
    await query(url, 'create table kept as select generate_series(1, 3) as id');
    owner.signal('SIGKILL');
    await owner.exited;
    await eventually(() => refused(url));
    expect(await rows(await start())).toHaveLength(3);
  });

  it('stops the orphan first when nobody told the old server to stop', async () => {
    const first = await start();
    await keep(first);
    const server = await pidOf(first);
    await killKeepers(server);
    await first.exited;
    await query(first.adminUrl, 'select 1');
    const second = await start();
    expect(messages.items).toContainEqual(expect.stringContaining('earlier start'));
    await refused(first.adminUrl);
    expect(await rows(second)).toHaveLength(3);
  });

  it('does not mistake another process for the old server when the number was used again', async () => {
    const first = await start();
    await keep(first);
    const pidFile = join(first.cluster, 'postmaster.pid');
    const content = await readFile(pidFile, 'utf8');
    process.kill(Number.parseInt(content, 10), 'SIGKILL');
    await first.exited;
    const { uid, gid } = await stat(first.cluster);
    const bystander = spawn('sleep', ['600'], { uid, gid });
    await writeFile(pidFile, content.replace(/^\d+/, String(bystander.pid)));
    expect(await rows(await start())).toHaveLength(3);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill('SIGKILL');
  });

  it('makes the cluster anew when the first start was interrupted', async () => {
    const unfinished = join(directory, 'postgres', 'cluster.unfinished');
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, 'PG_VERSION'), '18\n');
    await keep(await start());
    await expect(stat(unfinished)).rejects.toThrow('ENOENT');
  });
});

describe('a data directory that does not fit', () => {
  it('of another major version is left alone, and the error says what to do', async () => {
    const first = await start();
    await first.stop();
    await writeFile(join(first.cluster, 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/written by PostgreSQL 17.*pg_dump.*DATABASE_URL/);
  });

  it('that is no cluster is left alone', async () => {
    const cluster = join(directory, 'postgres', 'cluster');
    await mkdir(cluster, { recursive: true });
    await writeFile(join(cluster, 'important'), '');
    await expect(start()).rejects.toThrow('not a Postgres data directory');
    expect(await readdir(cluster)).toEqual(['important']);
  });

  it('without the admin password is refused', async () => {
    const first = await start();
    await first.stop();
    await rm(join(directory, 'postgres', 'password'));
    await expect(start()).rejects.toThrow('admin password is missing');
  });
});

/** Only root can start a server for another user; anybody else keeps the data where it was asked for. */
describe.runIf(process.getuid?.() === 0)('started by root from a place closed to others', () => {
  it('keeps the data in a place the server can reach, finds it again and says so', async () => {
    await chmod(directory, 0o700);
    const first = await start();
    const home = dirname(first.cluster);
    outside.add(home);
    expect(first.cluster).toMatch(/^\/var\/lib\/handover\//);
    expect(messages.items).toContainEqual(expect.stringContaining(`its data is kept in ${home}`));
    expect((await stat(first.cluster)).uid).not.toBe(0);
    await keep(first);
    await first.stop();
    const second = await start();
    expect(second.cluster).toBe(first.cluster);
    expect(await rows(second)).toHaveLength(3);
  });

  it('starts afresh when the data directory was removed, and names what is left of the old one', async () => {
    await chmod(directory, 0o700);
    const first = await start();
    const former = dirname(first.cluster);
    await first.stop();
    await rm(join(directory, 'postgres'), { recursive: true });
    const second = await start();
    const home = dirname(second.cluster);
    outside.add(former).add(home);
    expect(home).not.toBe(former);
    expect(messages.items).toContainEqual(expect.stringContaining('remove it if unwanted'));
    await second.stop();
    await rm(home, { recursive: true });
    await expect(start()).rejects.toThrow(/which is gone: restore it/);
  });
});

/** Kills the shells that would stop the server when its owner ends, the server's parent last. */
async function killKeepers(server: number): Promise<void> {
  const { stdout } = await promisify(execFile)('ps', ['-ax', '-o', 'pid=,ppid=']);
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/).map(Number));
  const parent = processes.find(([pid]) => pid === server)?.[1] ?? Number.NaN;
  const siblings = processes.filter(([pid, ppid]) => ppid === parent && pid !== server).map(([pid = 0]) => pid);
  for (const pid of [...siblings, parent]) process.kill(pid, 'SIGKILL');
}
