import { SERVICES, eventually, type ServiceName } from '@handover/testkit';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLoad, type Load } from './src/load.js';
import { startOwnInstallation, type OwnInstallation } from './src/own-installation.js';
import { inFull, tell } from './src/size.js';
import { smallDisk, type SmallDisk } from './src/small-disk.js';

const TIMES = inFull(5, 1);
/** How long a service that is paused stays so. */
const PAUSE_MS = inFull(30_000, 4_000);
/** Acknowledgements between a recovery and the next fault. */
const BETWEEN = inFull(200, 20);
const TIMEOUT = { timeout: inFull(1_800_000, 150_000) };

/** Room for the database of the longest run, and little to be filled up. */
const DISK_MB = 768;
/** How long a disk stays full. */
const FULL_MS = inFull(20_000, 3_000);

/** Codes whose answers say `Retry-After`. */
const TOLD_TO_COME_AGAIN = new Set(['unavailable', 'idempotency_in_flight']);

let disk: SmallDisk | undefined;
let platform: OwnInstallation;

beforeAll(async () => {
  disk = await smallDisk(DISK_MB);
  platform = await startOwnInstallation({
    replicas: { engine: 2 },
    ...(disk && { postgres: { directory: join(disk.directory, 'postgres') } }),
  });
}, 180_000);
afterAll(async () => {
  expect(await platform.stop()).toEqual([]);
  await disk?.remove();
}, 60_000);

/** Breaks something under load, and again, and holds what is there against what was acknowledged. */
async function faultUnderLoad(title: string, fault: (load: Load) => Promise<void>): Promise<void> {
  const load = await startLoad(platform, platform.receiver);
  await load.next(BETWEEN);
  const recoveries: number[] = [];
  for (let turn = 0; turn < TIMES; turn++) {
    await fault(load);
    recoveries.push(await load.next(1));
    await load.next(BETWEEN);
  }
  const { refused, ...figures } = await load.end();
  tell(title, {
    times: TIMES,
    ...figures,
    refused,
    'longest recovery ms': Math.round(Math.max(...recoveries)),
  });
  expect(figures).toMatchObject({ lost: 0, duplicated: 0, unannounced: 0 });
}

describe('under load nothing acknowledged is lost or done twice, and every end is announced, when', () => {
  it('Postgres is restarted', TIMEOUT, async () => {
    await faultUnderLoad('Postgres restarted', async () => {
      await platform.postgres.down();
      await platform.postgres.up();
    });
  });

  it('Postgres crashes', TIMEOUT, async () => {
    await faultUnderLoad('Postgres crashed', async () => {
      await platform.postgres.crash();
      await platform.postgres.up();
    });
  });

  it('Postgres hangs', TIMEOUT, async () => {
    await faultUnderLoad(`Postgres paused for ${PAUSE_MS / 1_000} s`, async () => {
      await platform.postgres.pause();
      await delay(PAUSE_MS);
      await platform.postgres.resume();
    });
  });

  it('the disk of Postgres is full', TIMEOUT, async ({ skip }) => {
    const filled = disk;
    if (!filled) {
      process.stdout.write('disk full: skipped, mounting a small file system takes root on Linux\n');
      return skip();
    }
    await faultUnderLoad('disk of Postgres full', async ({ client }) => {
      const refusals = () => [...client.refused.values()].reduce((sum, count) => sum + count, 0);
      const before = refusals();
      await filled.fill();
      await eventually(() => expect(refusals()).toBeGreaterThan(before), { withinMs: 60_000 });
      await delay(FULL_MS);
      await filled.free();
      // Without room for its log Postgres gives up; whoever runs it starts it again.
      await platform.postgres.up();
    });
  });

  it('RabbitMQ is restarted', TIMEOUT, async () => {
    await faultUnderLoad('RabbitMQ restarted', async () => {
      await platform.rabbit.down();
      await platform.rabbit.up();
    });
  });

  it('RabbitMQ hangs', TIMEOUT, async () => {
    await faultUnderLoad(`RabbitMQ paused for ${PAUSE_MS / 1_000} s`, async () => {
      platform.rabbit.pause();
      await delay(PAUSE_MS);
      platform.rabbit.resume();
    });
  });

  it('the disk of RabbitMQ is full', TIMEOUT, async () => {
    await faultUnderLoad('disk of RabbitMQ full', async () => {
      // It stops taking messages when less is free than it wants to have.
      await platform.rabbit.ctl('set_disk_free_limit', '100000GB');
      await delay(FULL_MS);
      await platform.rabbit.ctl('set_disk_free_limit', '50MB');
    });
  });

  it.each<ServiceName>(['auth', 'engine', 'notifier', 'gateway'])(
    '%s stops running for a while',
    TIMEOUT,
    async (name) => {
      await faultUnderLoad(`${name} paused for ${PAUSE_MS / 1_000} s`, async () => {
        const paused = platform.services.of(name);
        for (const { child } of paused) child.signal('SIGSTOP');
        await delay(PAUSE_MS);
        for (const { child } of paused) child.signal('SIGCONT');
      });
    },
  );

  it.each<ServiceName>(['auth', 'notifier', 'gateway'])('%s is killed', TIMEOUT, async (name) => {
    await faultUnderLoad(`${name} killed`, async () => {
      await Promise.all(platform.services.of(name).map((service) => service.killAndReplace()));
      await Promise.all(platform.services.of(name).map((service) => service.ready()));
      platform.url = await platform.services.url();
    });
  });
});

describe('a rolling restart under load', () => {
  it('fails no request but those told to come again', TIMEOUT, async () => {
    const load = await startLoad(platform, platform.receiver);
    await load.next(BETWEEN);
    const ends: (string | undefined)[] = [];
    for (let turn = 0; turn < TIMES; turn++) {
      for (const name of SERVICES) {
        for (const old of platform.services.of(name)) {
          const { http } = await platform.services.add(name).ready();
          // As a load balancer does: the new one gets the requests before the old one is told to stop.
          if (http !== undefined) platform.url = http;
          ends.push(await platform.services.remove(old));
          await load.next(BETWEEN / 4);
        }
      }
    }
    const sorted = [...load.durations].sort((one, other) => one - other);
    const { refused, ...figures } = await load.end();
    tell('rolling restart', {
      restarts: ends.length,
      ...figures,
      refused,
      'p50 ms': Math.round(sorted[Math.floor(sorted.length * 0.5)] ?? 0),
      'p99 ms': Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
      'longest ms': Math.round(sorted.at(-1) ?? 0),
    });
    expect(ends.filter((end) => end !== undefined)).toEqual([]);
    expect(figures).toMatchObject({ lost: 0, duplicated: 0, unannounced: 0, unanswered: 0 });
    const failed = Object.keys(JSON.parse(refused) as object).filter((code) => !TOLD_TO_COME_AGAIN.has(code));
    expect(failed).toEqual([]);
  });
});
