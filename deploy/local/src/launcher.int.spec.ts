import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTestDatabase, eventually, type TestDatabase } from '@handover/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PlatformInHand } from './test/platform-in-hand.js';

let database: TestDatabase;
let platform: PlatformInHand;

// Starting a server takes longer than these tests do: those of the built-in one have a file of their own.
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  platform = await PlatformInHand.create();
});
afterEach(() => platform.close());

const given = (more: Record<string, string> = {}) => ({ DATABASE_URL: database.adminUrl, ...more });

describe('a start', () => {
  it('migrates first, starts the gateway last, stores the examples as admin and says what to do next', async () => {
    const child = await platform.ready(given());
    await child.line(/Ctrl-C stops everything/);
    const journal = await platform.journal();
    const order = journal.map(({ event, name }) => `${event} ${name}`);
    expect(order.slice(0, 4).sort()).toEqual(
      ['auth', 'engine', 'gateway', 'notifier'].map((name) => `migrated ${name}`),
    );
    expect(order.indexOf('started gateway')).toBeGreaterThan(
      Math.max(...['auth', 'engine', 'notifier'].map((name) => order.indexOf(`ready ${name}`))),
    );
    const stored = journal.filter(({ event, url }) => event === 'request' && url === '/scenarios');
    expect(stored.map(({ method, body, authorization }) => [method, body, authorization])).toEqual([
      ['POST', 'name: first', 'Bearer token-of-admin'],
      ['POST', 'name: second', 'Bearer token-of-admin'],
    ]);
    const text = child.lines.join('\n');
    expect(text).toMatch(
      /Handover is ready at (http:\/\/127\.0\.0\.1:\d+) \((.|\n)*curl -s \1\/scenarios -H .*token-of-admin/,
    );
    expect(text).toMatch(/alice \(support\) +token-of-alice/);
    for (const name of ['database', 'migrations', 'services', 'examples']) {
      expect(text).toMatch(new RegExp(`^ +${name} .* \\d+\\.\\d s$`, 'm'));
    }
  });

  it('gives each service its environment, and none the admin URL', async () => {
    await platform.ready(
      given({ WEBHOOK_SCHEDULE: '0s,1s', DEFAULT_ACCOUNT: 'admin', LOG_LEVEL: 'debug', OPS_PORT: '1' }),
    );
    const started = await platform.journal('started');
    const environmentOf = (name: string) => started.find((entry) => entry.name === name)?.environment ?? {};
    for (const { environment = {}, name } of started) {
      expect(environment).toMatchObject({ NODE_ENV: 'development', LOG_LEVEL: 'debug' });
      expect(environment.ZMQ_ENDPOINTS).toMatch(/^auth=ipc:\/\/(.+)\/auth\.sock,engine=ipc:\/\/\1\/engine\.sock,/);
      expect(environment).not.toHaveProperty('AMQP_URL');
      expect(environment).not.toHaveProperty('OPS_PORT');
      expect(environment.DATABASE_URL).not.toBe(database.adminUrl);
      expect(new URL(environment.DATABASE_URL ?? '').username).toMatch(new RegExp(`_${name}$`));
    }
    expect(environmentOf('gateway')).toMatchObject({ PORT: '0', HOST: '127.0.0.1' });
    expect(environmentOf('auth')).toMatchObject({ DEMO_ACCOUNTS: 'true', DEFAULT_ACCOUNT: 'admin' });
    expect(environmentOf('auth').JWT_SECRET).toMatch(/^[\w-]{32}$/);
    expect(environmentOf('notifier')).toMatchObject({ WEBHOOK_ALLOW_LOOPBACK: 'true', WEBHOOK_SCHEDULE: '0s,1s' });
    expect(Buffer.from(environmentOf('notifier').WEBHOOK_SECRET_KEY ?? '', 'base64')).toHaveLength(32);
    const owners = (await platform.journal('migrated')).map(({ url }) => new URL(url ?? '').username);
    expect(owners.every((name) => name.endsWith('_owner'))).toBe(true);
  });

  it('keeps the bus sockets private', async () => {
    await platform.ready(given());
    const [started] = await platform.journal('started');
    const [, directory = ''] = /ipc:\/\/(.+?)\/auth\.sock/.exec(started?.environment?.ZMQ_ENDPOINTS ?? '') ?? [];
    const { mode } = await stat(directory);
    expect((mode & 0o777).toString(8)).toBe('700');
  });

  it('names the broker instead when there is one', async () => {
    await platform.ready(given({ AMQP_URL: 'amqp://127.0.0.1:5672' }));
    for (const { environment } of await platform.journal('started')) {
      expect(environment).toMatchObject({ AMQP_URL: 'amqp://127.0.0.1:5672' });
      expect(environment).not.toHaveProperty('ZMQ_ENDPOINTS');
    }
  });

  it('goes on when an example is refused, and names it', async () => {
    await platform.addExample('bad.yaml', 'refuse me');
    const { line } = await platform.ready(given());
    await line(/! the example bad\.yaml was not stored: 400/);
    await line(/2 scenarios stored/);
  });

  it('writes logs as JSON lines, and shows warnings and errors in short', async () => {
    const { line, lines } = await platform.ready(given());
    await line(/! engine warn: careful \(a reason\)/);
    await line(/! engine loose words/);
    const log = await eventually(async () => {
      const text = await readFile(join(platform.data, 'logs', 'engine.log'), 'utf8');
      expect(text).toContain('loose words');
      return text.trim().split('\n');
    });
    expect(log.map((entry) => (JSON.parse(entry) as { msg: string }).msg).sort()).toEqual([
      'careful',
      'listening',
      'loose words',
    ]);
    expect(lines.join('\n')).not.toContain('listening');
  });

  it('shows everything when asked', async () => {
    const { line } = await platform.ready(given({ LOG: 'stdout' }));
    await line(/^\{"level":"info","service":"engine","msg":"listening"}$/);
  });
});

describe('a start that cannot succeed', () => {
  it.each([
    ['a service ends', { STAND_IN_ENGINE: 'fail' }, /engine ended \(code 1\) before it was ready; see .*engine\.log/],
    ['a migration fails', { STAND_IN_AUTH: 'bad migration' }, /the migration of auth failed \(1\)/],
    ['the configuration is wrong', { PORT: 'http' }, /PORT: /],
  ])('ends with 1, says why and leaves nothing: %s', async (_what, environment, message) => {
    const { line, exited } = platform.launch(given(environment));
    await line(message, 30_000);
    expect(await exited).toEqual({ code: 1, signal: null });
    await platform.expectNothingLeft();
  });

  it('says so when the port is in use, before anything is started', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const { line, exited } = platform.launch(given({ PORT: String(port) }));
    await line(new RegExp(`port ${port} on 127.0.0.1 is in use`));
    expect((await exited).code).toBe(1);
    expect(await platform.journal()).toEqual([]);
    squatter.close();
  });

  it('names the place, but no password, when the given database cannot be reached', async () => {
    const { line, lines, exited } = platform.launch({ DATABASE_URL: 'postgres://admin:hidden@127.0.0.1:1/x' });
    await line(/DATABASE_URL \(127\.0\.0\.1:1\): .*ECONNREFUSED/);
    expect((await exited).code).toBe(1);
    expect(lines.join('\n')).not.toContain('hidden');
  });

  it('leaves the data to the launcher that has it', async () => {
    const first = await platform.ready(given());
    const second = platform.launch(given());
    await second.line(new RegExp(`data is in use \\(process ${first.pid} uses it\\)`));
    expect((await second.exited).code).toBe(1);
    first.signal('SIGTERM');
    expect((await first.exited).code).toBe(0);
  });
});

describe('a service that dies', () => {
  it('is started again, each time a little later, while the others go on', async () => {
    const { line } = await platform.ready(given());
    const others = await platform.pidOf('auth');
    for (const wait of ['0.05', '0.1', '0.2', '0.2']) {
      const pid = await platform.pidOf('engine');
      process.kill(pid, 'SIGKILL');
      await line(
        new RegExp(`engine was killed \\(SIGKILL\\); it is started again in ${wait} s \\(log: .*engine.log\\)`),
      );
      await eventually(async () => {
        expect((await platform.journal('ready')).filter(({ name }) => name === 'engine').at(-1)?.pid).not.toBe(pid);
      });
    }
    await line(/engine is back/);
    expect(await platform.pidOf('auth')).toBe(others);
  });
});

describe('a stop', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s ends the gateway first and leaves nothing',
    async (signal) => {
      const child = await platform.ready(given());
      const began = performance.now();
      // As a terminal and npm do together: to the whole group, and once more to the launcher.
      child.signalGroup(signal);
      child.signal(signal);
      expect(await child.exited).toEqual({ code: 0, signal: null });
      expect(performance.now() - began).toBeLessThan(5_000);
      const stopped = await platform.journal('stopped');
      expect(stopped.map(({ name }) => name)).toHaveLength(4);
      expect(stopped[0]).toMatchObject({ name: 'gateway', reason: 'SIGTERM' });
      expect(await platform.journal('interrupted')).toEqual([]);
      await platform.expectNothingLeft();
    },
  );

  it('kills what hangs, within five seconds', async () => {
    const child = await platform.ready(given({ STAND_IN_GATEWAY: 'hang', STAND_IN_NOTIFIER: 'hang' }));
    const began = performance.now();
    child.signal('SIGTERM');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(5_000);
    await platform.expectNothingLeft();
  });

  it('is cut short by a second Ctrl-C', async () => {
    const child = await platform.ready(given({ STAND_IN_GATEWAY: 'hang' }));
    let exit: unknown;
    void child.exited.then((value) => (exit = value));
    await eventually(
      () => {
        child.signal('SIGINT');
        expect(exit).toEqual({ code: 130, signal: null });
      },
      { everyMs: 100 },
    );
    await platform.expectNothingLeft();
  });

  it('amid a start leaves nothing either', async () => {
    const child = platform.launch(given({ STAND_IN_ENGINE: 'mute' }));
    await eventually(async () => {
      expect((await platform.journal('ready')).some(({ name }) => name === 'engine')).toBe(true);
    });
    child.signal('SIGINT');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    await platform.expectNothingLeft();
  });
});

describe('after a kill of the launcher', () => {
  it('no service is left, and the next start works with the same secrets', async () => {
    const first = await platform.ready(given());
    const secret = async () => (await platform.journal('started')).findLast(({ name }) => name === 'auth')?.environment;
    const before = (await secret())?.JWT_SECRET;
    first.signal('SIGKILL');
    await platform.expectNothingLeft();
    const stopped = await platform.journal('stopped');
    expect(stopped.map(({ reason }) => reason)).toEqual(['disconnect', 'disconnect', 'disconnect', 'disconnect']);
    await platform.ready(given());
    expect((await secret())?.JWT_SECRET).toBe(before);
    const { mode } = await stat(join(platform.data, 'secrets.json'));
    expect((mode & 0o777).toString(8)).toBe('600');
  });

  it('the next start ends a service that hangs, and says so', async () => {
    const first = await platform.ready(given({ STAND_IN_ENGINE: 'hang' }));
    const hanging = await platform.pidOf('engine');
    first.signal('SIGKILL');
    await first.exited;
    const second = await platform.ready(given());
    await second.line(/left running by an earlier start and now ended: engine/);
    expect(await platform.pidOf('engine')).not.toBe(hanging);
  });
});
