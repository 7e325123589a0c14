import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Recording } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Dealer, Router, type Socket } from 'zeromq';
import { message, silent, TASKS, TOPOLOGY, WINDOW } from '../../test/world.js';
import { type Bus, createBus, type ZeromqConfig } from '../index.js';
import { decodeAnswers, decodeCalls, encode, type Answer, type Call } from './wire.js';

let directory: string;
const ending: (() => unknown)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bus-'));
});
afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await rm(directory, { recursive: true });
});

const address = (service: string) => `ipc://${join(directory, service)}`;

async function start(service: string, rest: Partial<ZeromqConfig> = {}): Promise<Bus> {
  const endpoints = { caller: address('caller'), worker: address('worker') };
  const bus = createBus({ transport: 'zeromq', service, topology: TOPOLOGY, endpoints, logger: silent, ...rest });
  ending.push(() => bus.stop({ graceMs: 0 }));
  await bus.start();
  return bus;
}

/** A socket driven by the test, closed after it. */
function raw<S extends Socket>(socket: S): S {
  ending.push(() => socket.close());
  return socket;
}

async function answerTo(peer: Dealer): Promise<Answer | undefined> {
  const [answer] = decodeAnswers(await peer.receive());
  return answer?.head;
}

/** Says hello. @returns what the service calls this connection */
async function greet(peer: Dealer): Promise<string> {
  await peer.send(encode({ kind: 'hello' }));
  const answer = await answerTo(peer);
  return answer?.kind === 'welcome' ? answer.session : '';
}

const delivery = (session: string, sequence: number, id: string): Call => ({
  kind: 'delivery',
  session,
  sequence,
  destination: TASKS,
  sends: 1,
  remainingMs: 10_000,
  envelope: { id, type: 'test.v1', headers: {} },
});

describe('what a peer sends', () => {
  test('malformed frames are refused with a reason in the log, and nothing else happens', async () => {
    const refusals = new Recording<object>('refusals');
    const worker = await start('worker', { logger: { ...silent, warn: refusals.record } });
    await worker.respond('worker', async () => ({ status: 'ok', body: 'alive' }));
    const peer = raw(new Dealer({ linger: 0 }));
    peer.connect(address('worker'));
    await peer.send('nonsense');
    await peer.send([encode({ kind: 'hello' }), 'a second frame']);
    await peer.send(encode({ kind: 'welcome', service: 'x', incarnation: 'y', session: 'z' }));
    await peer.send(encode({ ...delivery('z', 1, 'm'), sequence: 0 } as Call));
    await refusals.nth(4);
    expect(refusals.items).toEqual(Array(4).fill(expect.objectContaining({ err: expect.any(Error) as Error })));
    const caller = await start('caller');
    await expect(caller.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({ body: 'alive' });
  });

  test('a body that is no JSON is refused to its sender', async () => {
    await start('worker');
    const peer = raw(new Dealer({ linger: 0 }));
    peer.connect(address('worker'));
    const session = await greet(peer);
    await peer.send(encode(delivery(session, 1, 'm-1'), Buffer.from('{')));
    expect(await answerTo(peer)).toMatchObject({ kind: 'refused', sequence: 1, code: 'malformed' });
    await peer.send(encode({ ...delivery(session, 2, 'm-2'), destination: 'nothing' } as Call, Buffer.from('1')));
    expect(await answerTo(peer)).toMatchObject({ kind: 'refused', sequence: 2, code: 'unroutable' });
  });

  test('the same message again is acknowledged again and handled once', async () => {
    const worker = await start('worker');
    const handled = new Recording<string>('messages');
    await worker.consume(TASKS, async ({ id }) => {
      handled.record(id);
      return { kind: 'done' };
    });
    const peer = raw(new Dealer({ linger: 0 }));
    peer.connect(address('worker'));
    const session = await greet(peer);
    for (const [sequence, id] of [
      [1, 'm-1'],
      [2, 'm-1'],
      [3, 'm-2'],
    ] as const) {
      await peer.send(encode(delivery(session, sequence, id), Buffer.from('1')));
      expect(await answerTo(peer)).toMatchObject({ kind: 'acknowledged', sequence });
    }
    expect(handled.items).toEqual(['m-1', 'm-2']);
  });
});

describe('what a peer’s earlier connection left behind', () => {
  test('does not overtake what is sent again', async () => {
    const worker = await start('worker');
    const handled = new Recording<string>('messages');
    await worker.consume(TASKS, async ({ id }) => {
      handled.record(id);
      return { kind: 'done' };
    });
    const peer = raw(new Dealer({ linger: 0 }));
    peer.connect(address('worker'));
    // libzmq sends what it still has as soon as it is connected again, before anything said on the new connection.
    await peer.send(encode(delivery('of the one before', 2, 'm-2'), Buffer.from('2')));
    const session = await greet(peer);
    for (const n of [1, 2]) await peer.send(encode(delivery(session, n, `m-${n}`), Buffer.from(String(n))));
    await handled.nth(2);
    expect(handled.items).toEqual(['m-1', 'm-2']);
  });
});

describe('what a peer does not send', () => {
  test('without an acknowledgement a message is sent again on the same connection', async () => {
    const service = raw(new Router({ linger: 0 }));
    await service.bind(address('worker'));
    const calls = new Recording<Call & { kind: 'delivery' }>('deliveries');
    const answer = (peer: Buffer, head: Answer) => void service.send([peer, encode(head)]);
    void (async () => {
      for await (const [peer = Buffer.alloc(0), ...frames] of service) {
        for (const { head } of decodeCalls(frames)) {
          if (head.kind === 'hello')
            answer(peer, { kind: 'welcome', service: 'worker', incarnation: 'one', session: 'one/1' });
          if (head.kind !== 'delivery') continue;
          calls.record(head);
          const { sequence, destination } = head;
          if (head.sends > 1) answer(peer, { kind: 'acknowledged', sequence, destination });
        }
      }
    })();
    const caller = await start('caller', { resendMs: 100 });
    await caller.send(TASKS, message('task'), { timeoutMs: 10_000 });
    expect(calls.items.map(({ sends, sequence }) => ({ sends, sequence }))).toEqual([
      { sends: 1, sequence: 1 },
      { sends: 2, sequence: 1 },
    ]);
    expect(calls.items[1]?.remainingMs).toBeLessThan(10_000);
  });

  test('a consumer that does not keep up pushes its senders back instead of filling the memory', async () => {
    const worker = await start('worker');
    const begun = new Recording<unknown>('messages');
    await worker.consume(TASKS, async ({ body, signal }) => {
      begun.record(body);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { kind: 'done' };
    });
    const caller = await start('caller', { window: WINDOW });
    const first = caller.send(TASKS, message(0), { timeoutMs: 2_000 });
    await begun.nth(1);
    const most = WINDOW.messages + WINDOW.waiting;
    // Those that wait give up before those under way do and make room.
    const rest = Array.from({ length: most + 20 }, (_, n) =>
      caller.send(TASKS, message(n), { timeoutMs: n < WINDOW.messages - 1 ? 2_000 : 500 }),
    );
    const codes = (await Promise.allSettled([first, ...rest])).map((result) =>
      result.status === 'rejected' ? (result.reason as { code: string }).code : 'sent',
    );
    expect(codes.filter((code) => code === 'timeout')).toHaveLength(WINDOW.messages);
    expect(codes.filter((code) => code === 'overloaded')).toHaveLength(WINDOW.waiting + 21);
  });

  test('a peer that was restarted is noticed', async () => {
    const infos = new Recording<string>('log lines');
    const caller = await start('caller', { logger: { ...silent, info: (_, line) => infos.record(line) } });
    for (const life of [1, 2]) {
      const worker = await start('worker');
      await worker.respond('worker', async () => ({ status: 'ok', body: life }));
      await expect(caller.request('worker', message(1), { timeoutMs: 5_000 })).resolves.toMatchObject({ body: life });
      await worker.stop();
    }
    expect(await infos.first((line) => line.includes('restarted'))).toBeDefined();
  });
});
