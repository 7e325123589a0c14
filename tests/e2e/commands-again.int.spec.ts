import type { Bus, ForeignDelivery, ForeignHandler } from '@handover/bus';
import { createClient, type Client } from '@handover/client';
import { eventually, Proxy as Wire, Recording } from '@handover/testkit';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';
import { startInProcess, type InProcess } from './src/in-process.js';
import { amqpOutsider, zeromqOutsider, type Outsider } from './src/outsiders.js';

/** Commands that are delivered more than once: because the database was away, or because nobody heard that they were done. */
const scenario = (title = 'Counter') => ({
  title,
  actors: { actor: {} },
  actions: { add: { actor: 'actor' }, finish: { actor: 'actor' } },
  states: {
    initial: {
      transitions: [
        { on: 'add', goto: 'initial' },
        { on: 'finish', goto: '(done)' },
      ],
    },
  },
});
const actors = { actor: { id: 'arnold' } };
/** What an engine had claimed when its database went away is claimed again after half a minute. */
const CLAIM_ENDS_MS = 45_000;
const LATER = { Prefer: 'respond-async' } as const;

describe.each(['amqp', 'zeromq'] as const)('a command over %s', (transport) => {
  let broker: Broker | undefined;
  let platform: InProcess;
  let outsider: Outsider;
  let wire: Wire;
  let api: Client;
  let token: string;
  /** How each delivery of a command ended in the engine. */
  const endings = new Recording<{ readonly id: string | undefined; readonly kind: string; readonly attempt: number }>(
    'endings',
  );
  /** Ids of commands whose first delivery is taken for lost after it was carried out. */
  const unheard = new Set<string>();

  const watched = (handler: ForeignHandler): ForeignHandler => {
    return async (message: ForeignDelivery) => {
      const outcome = await handler(message);
      const { id, attempt } = message;
      endings.record({ id, kind: outcome.kind, attempt });
      if (id !== undefined && unheard.delete(id)) throw new Error('the engine died before it could say so');
      return outcome;
    };
  };
  const watch = (bus: Bus): Bus =>
    new Proxy(bus, {
      get: (target, name) => {
        if (name === 'intake') {
          const intake: Bus['intake'] = (door, handler, options) => target.intake(door, watched(handler), options);
          return intake;
        }
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });

  beforeAll(async () => {
    const options = {
      wire: (service: string, bus: Bus) => (service === 'engine' ? watch(bus) : bus),
      engineDatabase: async (address: string) => {
        const url = new URL(address);
        const target = { host: url.hostname, port: Number(url.port || 5432) };
        wire = await Wire.open({ host: '127.0.0.1', port: 0 }, target);
        if ('port' in wire.place) url.host = `${wire.place.host}:${wire.place.port}`;
        return url.href;
      },
    };
    if (transport === 'amqp') {
      broker = await ownBroker();
      const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker.env;
      platform = await startInProcess({ ...options, amqp: { url, prefix } });
      outsider = await amqpOutsider(url, prefix);
    } else {
      platform = await startInProcess(options);
      outsider = await zeromqOutsider(platform.outside);
    }
    token = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
    api = createClient({ url: platform.urls[0] ?? '', token });
  });
  afterEach(() => wire.up());
  afterAll(async () => {
    await outsider.close();
    await platform.stop();
    await wire.down();
    await broker?.remove();
  });

  const start = async (): Promise<string> => {
    const { body } = await api.scenarios.store({ body: { media: 'application/json', value: scenario() } });
    return (await api.processes.start({ body: { scenario: body.id, actors } })).body.id;
  };
  const actionsOf = async (process: string): Promise<string[]> => {
    const { events } = (await (await platform.call('GET', `/processes/${process}`, { token })).json()) as {
      events: { action?: string }[];
    };
    return events.flatMap(({ action }) => (action === undefined ? [] : [action]));
  };
  const ended = (id: string) =>
    eventually(
      async () => {
        const { body } = await api.commands.read({ params: { id } });
        if (body.status === 'pending') throw new Error('the command is still pending');
        return body;
      },
      { withinMs: CLAIM_ENDS_MS },
    );
  const endingsOf = (id: string) => endings.items.filter((ending) => ending.id === id).map(({ kind }) => kind);

  describe('while the database is away', () => {
    it('waits on the queue, is carried out once when it is back, and is answered', async () => {
      const process = await start();
      const id = randomUUID();
      await wire.down();
      const answer = outsider.ask({ command: 'process.step', token, id, body: { process, action: 'add' } });
      await endings.first((ending) => ending.id === id && ending.kind === 'retry' && ending.attempt === 2, 20_000);
      await wire.up();

      expect(await answer).toMatchObject({ kind: 'ok', status: 204 });
      expect(await actionsOf(process)).toEqual(['add']);
      expect(endingsOf(id).filter((kind) => kind === 'done')).toHaveLength(1);
      expect(endingsOf(id).at(-1)).toBe('done');
    });

    it('that was accepted before is carried out once, and its status tells', { timeout: 60_000 }, async () => {
      const process = await start();
      const params = { id: process, action: 'add' };
      const accepted: string[] = [];
      for (let n = 0; n < 5; n++) accepted.push((await api.processes.step({ params, headers: LATER })).body.id);
      await wire.down();
      // No yes without the database.
      const refused = api.processes.step({ params, headers: LATER });
      await expect(refused).rejects.toMatchObject({
        status: expect.toSatisfy((status: number) => status >= 500) as number,
      });
      await wire.up();

      for (const id of accepted) expect(await ended(id)).toMatchObject({ status: 'done', answer: { status: 204 } });
      expect(await actionsOf(process)).toEqual(accepted.map(() => 'add'));
    });
  });

  describe('that was carried out and never acknowledged', () => {
    const again = async (command: string, body: unknown) => {
      const id = randomUUID();
      unheard.add(id);
      const answer = await outsider.ask({ command, token, id, body });
      expect(endingsOf(id)).toEqual(['done', 'done']);
      return answer;
    };

    it('starts one process and takes one step', async () => {
      const { body: stored } = await api.scenarios.store({ body: { media: 'application/json', value: scenario() } });
      const started = await again('process.start', { scenario: stored.id, actors });
      expect(started).toMatchObject({ kind: 'ok', status: 201 });
      const { id: process } = started.body as { id: string };
      expect(await again('process.step', { process, action: 'add' })).toMatchObject({ kind: 'ok', status: 204 });
      expect(await actionsOf(process)).toEqual(['add']);
    });

    it('stores a scenario and disables it, and says so once', async () => {
      const stored = await again('scenario.store', scenario(randomUUID()));
      expect(stored).toMatchObject({ kind: 'ok', status: 201 });
      const { id } = stored.body as { id: string };
      expect(await again('scenario.disable', { scenario: id })).toMatchObject({ kind: 'ok', status: 204 });
      await outsider.event(({ type, subject }) => type === 'scenario.disabled' && subject === id);
      const heard = outsider.events.items.filter(([, { subject }]) => subject === id).map(([, { type }]) => type);
      expect(heard).toEqual(['scenario.stored', 'scenario.disabled']);
    });
  });

  it('left to be carried out foretells what comes, when asked', async () => {
    const { body: stored } = await api.scenarios.store({ body: { media: 'application/json', value: scenario() } });
    const query = { predict: true };
    const accepted = await api.processes.start({ body: { scenario: stored.id, actors }, query, headers: LATER });
    const started = await ended(accepted.body.id);
    expect(started).toMatchObject({
      status: 'done',
      answer: { status: 201, body: { next: expect.any(Array) as unknown[] } },
    });
    const { id } = started.answer?.body as { id: string };
    const stepping = await api.processes.step({ params: { id, action: 'finish' }, query, headers: LATER });
    expect(await ended(stepping.body.id)).toMatchObject({
      status: 'done',
      answer: { status: 200, body: { isRunning: false, next: [] } },
    });
  });
});
