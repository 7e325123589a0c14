import { debianRabbitMq, type OwnRabbitMq } from '@handover/testkit';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Run, type Load, type Verdict } from './src/bus/run.js';
import { amqpWorld, WINDOW, zeromqWorld, type BusWorld } from './src/bus/world.js';
import { inFull, tell } from './src/size.js';

/** The bus between two processes, while consumer, broker and network fail under load. A broker of its own: it is stopped. */
const STEADY: Load = {
  keys: 16,
  bytes: 500,
  perSecond: 400,
  delayMs: 20,
  concurrency: 32,
};
/** Messages handled between two faults. */
const BETWEEN = inFull(500, 100);
/** What garbage collection may leave about in two processes, beside the windows. */
const MOST_GROWTH_MB = 64;
const AWAY_MS = inFull(10_000, 2_000);

describe.each(['amqp', 'zeromq'] as const)('the bus over %s', (transport) => {
  let broker: OwnRabbitMq | undefined;
  let world: BusWorld;
  let run: Run;
  beforeAll(async () => {
    if (transport === 'amqp') broker = await debianRabbitMq();
  });
  afterAll(() => broker?.stop());
  beforeEach(async () => {
    world = broker ? await amqpWorld(broker.url) : await zeromqWorld();
  });
  afterEach(async () => {
    await run.end();
    await world.remove();
  });

  const start = async (load: Load): Promise<void> => {
    run = new Run(world, load);
    await run.start();
  };
  /** Everything that was acknowledged arrived, in order per key, and nobody hoarded. */
  const expectSound = (title: string, verdict: Verdict): void => {
    const { failed, recoveredAfterMs, offeredPerSecond, ...figures } = verdict;
    tell(`${transport}: ${title}`, {
      ...figures,
      'offered per second': Math.round(offeredPerSecond),
      'recovered after ms': recoveredAfterMs.join(' ') || '-',
    });
    expect({ failed, lost: verdict.lost, outOfOrder: verdict.outOfOrder }).toEqual({
      failed: {},
      lost: 0,
      outOfOrder: 0,
    });
    expect(verdict.acknowledged).toBe(verdict.sent);
    expect(verdict.mostUnacknowledged).toBeLessThanOrEqual(WINDOW.messages + WINDOW.waiting + 1);
    if (process.platform === 'linux') expect(verdict.grewMb).toBeLessThan(MOST_GROWTH_MB);
  };

  test('a consumer killed again and again while it holds messages', async () => {
    await start(STEADY);
    const kills = inFull(10, 2);
    for (let kill = 1; kill <= kills; kill++) {
      await run.untilHandled(BETWEEN);
      await run.killConsumer();
      await run.startConsumer();
      await run.recovered();
    }
    const verdict = await run.finish();
    expectSound(`${kills} kills of the consumer`, verdict);
    expect(verdict.heldAtKill).toBeGreaterThan(0);
  });

  test(`${transport === 'amqp' ? 'the broker' : 'the peer'} away for a while under load`, async () => {
    await start(STEADY);
    await run.untilHandled(BETWEEN);
    await (broker ? broker.down() : run.stopConsumer());
    await delay(AWAY_MS);
    await (broker ? broker.up() : run.startConsumer());
    await run.recovered();
    await run.untilHandled(BETWEEN);
    expectSound(`${broker ? 'broker' : 'peer'} away for ${AWAY_MS} ms`, await run.finish());
  });

  test('the network cut again and again, and half-open', async () => {
    await start(STEADY);
    const faults = inFull(12, 4);
    for (let fault = 1; fault <= faults; fault++) {
      await run.untilHandled(BETWEEN);
      if (fault % 4 === 0) world.wire.stall();
      else world.wire.cut();
      await run.recovered();
    }
    expectSound(`${faults} network faults, each fourth half-open`, await run.finish());
  });

  test('a consumer a hundred times slower than the producer', async () => {
    const slow = inFull({ messages: 800, bytes: 100_000, delayMs: 100 }, { messages: 120, bytes: 4_000, delayMs: 40 });
    await start({ ...slow, keys: 4, concurrency: 1 });
    expectSound(`a slow consumer (${1_000 / slow.delayMs} per second)`, await run.finish());
  });
});
