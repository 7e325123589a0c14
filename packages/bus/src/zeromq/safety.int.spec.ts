import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, Recording } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { curveKeyPair, Dealer, Router, Subscriber } from 'zeromq';
import { DOOR, message, silent, TOPOLOGY } from '../../test/world.js';
import { type Bus, type BusLogger, createBus, type CurveConfig, type ZeromqConfig } from '../index.js';
import { parseEndpoint, untilFree } from './endpoint.js';

let directory: string;
const buses: Bus[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bus-'));
});
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.stop()));
  await rm(directory, { recursive: true });
});

function make(service: string, endpoints: Record<string, string>, rest: Partial<ZeromqConfig> = {}): Bus {
  const bus = createBus({ transport: 'zeromq', service, topology: TOPOLOGY, endpoints, logger: silent, ...rest });
  buses.push(bus);
  return bus;
}

describe('an ipc endpoint', () => {
  const at = (name: string) => ({ worker: `ipc://${join(directory, name)}` });

  test('gets a private directory', async () => {
    await make('worker', { worker: `ipc://${join(directory, 'run', 'worker')}` }).start();
    expect((await stat(join(directory, 'run'))).mode & 0o777).toBe(0o700);
  });

  test('is not bound in a directory others may enter', async () => {
    await chmod(directory, 0o755);
    await expect(make('worker', at('worker')).start()).rejects.toThrow('0700');
  });

  test('is taken over from a killed process, whose socket file is still there', async () => {
    const path = join(directory, 'worker');
    const dead = new Router();
    await dead.bind(`ipc://${path}`);
    dead.close();
    await untilFree(parseEndpoint('worker', `ipc://${path}`), 5_000);
    expect((await stat(path)).isSocket()).toBe(true);
    const worker = make('worker', at('worker'));
    await worker.start();
    await worker.respond('worker', async () => ({ status: 'ok', body: 'alive' }));
    await expect(worker.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({ body: 'alive' });
  });

  test('is not taken from a living process', async () => {
    const first = make('worker', at('worker'));
    await first.start();
    await expect(make('worker', at('worker')).start()).rejects.toThrow('another process serves "worker"');
    await first.respond('worker', async () => ({ status: 'ok', body: 'still here' }));
    await expect(first.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({ status: 'ok' });
  });
});

describe('leaving loopback', () => {
  test('is refused without keys, naming the endpoint', () => {
    const endpoints = { worker: 'tcp://0.0.0.0:5999' };
    expect(() => make('worker', endpoints)).toThrow('endpoint of "worker" (tcp://0.0.0.0:5999) leaves this machine');
  });

  test('is refused when this or the other service has no endpoint or key', () => {
    const { publicKey, secretKey } = curveKeyPair();
    const curve = { publicKey, secretKey, serverKeys: { worker: publicKey }, allowedClients: [publicKey] };
    expect(() => make('caller', { worker: 'tcp://127.0.0.1:5999' })).toThrow('endpoints.caller is missing');
    const endpoints = { worker: 'tcp://10.0.0.1:5999', caller: 'tcp://10.0.0.2:5999' };
    expect(() => make('worker', endpoints, { curve })).toThrow('curve.serverKeys.caller');
  });
});

describe('CURVE', () => {
  const keys = { caller: curveKeyPair(), worker: curveKeyPair(), stranger: curveKeyPair() };
  const curveOf = (service: 'caller' | 'worker'): CurveConfig => ({
    ...keys[service],
    serverKeys: { caller: keys.caller.publicKey, worker: keys.worker.publicKey },
    allowedClients: [keys.caller.publicKey, keys.worker.publicKey],
  });
  const endpoints = async () => ({
    caller: `tcp://127.0.0.1:${await freePort()}`,
    worker: `tcp://127.0.0.1:${await freePort()}`,
  });
  const ask = (bus: Bus) => bus.request('worker', message(1), { timeoutMs: 5_000 });

  test('lets in whose key is on the list', async () => {
    const places = await endpoints();
    const worker = make('worker', places, { curve: curveOf('worker') });
    const caller = make('caller', places, { curve: curveOf('caller') });
    await Promise.all([worker.start(), caller.start()]);
    await worker.respond('worker', async () => ({ status: 'ok', body: 'welcome' }));
    await expect(ask(caller)).resolves.toMatchObject({ body: 'welcome' });
  });

  test('keeps out whose key is not, and tells both sides', async () => {
    const places = await endpoints();
    const refused = new Recording<string>('refusals by the worker');
    const told = new Recording<string>('errors of the stranger');
    const logger = { ...silent, warn: (_: object, line: string) => refused.record(line) };
    const worker = make('worker', places, { curve: curveOf('worker'), logger });
    const stranger = make('caller', places, {
      curve: { ...curveOf('caller'), ...keys.stranger },
      logger: { ...silent, error: (_, line) => told.record(line) },
    });
    await Promise.all([worker.start(), stranger.start()]);
    await worker.respond('worker', async () => ({ status: 'ok', body: 'never' }));
    await expect(ask(stranger)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await refused.first((line) => line.includes('allow-list'))).toBeDefined();
    expect(await told.first((line) => line.includes('refused'))).toBeDefined();
  });

  const wrongServer = { ...curveOf('caller').serverKeys, worker: keys.stranger.publicKey };
  test.each([
    ['does not speak it', {}],
    ['expects another server', { curve: { ...curveOf('caller'), serverKeys: wrongServer } }],
  ])('keeps out who %s', async (_, rest) => {
    const places = await endpoints();
    const worker = make('worker', places, { curve: curveOf('worker') });
    const other = make('caller', places, rest);
    await Promise.all([worker.start(), other.start()]);
    await worker.respond('worker', async () => ({ status: 'ok', body: 'never' }));
    await expect(ask(other)).rejects.toMatchObject({ code: 'unavailable' });
  });

  describe('at the sockets for outsiders', () => {
    const outsider = curveKeyPair();
    const open = async (logger: BusLogger = silent) => {
      const places = { worker: `tcp://127.0.0.1:${await freePort()}` };
      const [commands, events] = [`tcp://127.0.0.1:${await freePort()}`, `tcp://127.0.0.1:${await freePort()}`];
      const curve = { ...curveOf('worker'), allowedOutsiders: [outsider.publicKey] };
      const worker = make('worker', places, { curve, outside: { service: 'worker', commands, events }, logger });
      await worker.start();
      await worker.intake(DOOR, async ({ name }) => ({
        kind: 'done',
        reply: { status: 'ok', contentType: 'application/json', headers: {}, body: name },
      }));
      return { worker, service: places.worker, commands, events };
    };
    /** As any program would set it: its own keys, and the key of the engine. */
    const keysOf = (pair: { publicKey: string; secretKey: string }) => ({
      curveServerKey: keys.worker.publicKey,
      curvePublicKey: pair.publicKey,
      curveSecretKey: pair.secretKey,
      linger: 0,
    });
    const knock = async (dealer: Dealer, address: string): Promise<unknown> => {
      dealer.connect(address);
      await dealer.send(JSON.stringify({ command: 'light.on', body: null }));
      const [frame] = await dealer.receive();
      return JSON.parse(String(frame));
    };

    test('who is on their list sends commands and hears events, by plain zeromq', async () => {
      const { worker, commands, events } = await open();
      const dealer = new Dealer({ ...keysOf(outsider), receiveTimeout: 10_000 });
      expect(await knock(dealer, commands)).toMatchObject({ reply: 'ok', body: 'light.on' });
      const subscriber = new Subscriber({ ...keysOf(outsider), receiveTimeout: 200 });
      subscriber.connect(events);
      subscriber.subscribe('');
      // A subscription takes a moment to arrive.
      const heard = await eventually(async () => {
        await worker.publish('acme.light', message('on'));
        return subscriber.receive();
      });
      expect(heard.map(String)).toEqual(['acme.light', '"on"']);
      dealer.close();
      subscriber.close();
    });

    test.each([
      ['who is not', curveKeyPair(), 'commands'],
      ['a service, which has no business there', keys.worker, 'commands'],
      ['an outsider at the door of the services', outsider, 'service'],
    ] as const)('keeps out %s', async (_, pair, door) => {
      const refused = new Recording<string>('refusals');
      const places = await open({ ...silent, warn: (_: object, line: string) => void refused.record(line) });
      const dealer = new Dealer({ ...keysOf(pair), receiveTimeout: 300 });
      await expect(knock(dealer, places[door])).rejects.toMatchObject({ code: 'EAGAIN' });
      expect(await refused.first((line) => line.includes('allow-list'))).toBeDefined();
      dealer.close();
    });

    test('nobody is let in unasked: an empty list is refused', () => {
      const outside = { service: 'worker', commands: 'tcp://0.0.0.0:5999' };
      const endpoints = { worker: 'tcp://127.0.0.1:5998' };
      expect(() => make('worker', endpoints, { curve: curveOf('worker'), outside })).toThrow('curve.allowedOutsiders');
      expect(() => make('worker', endpoints, { outside })).toThrow('leaves this machine');
    });
  });
});
