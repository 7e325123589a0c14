import { SERVICES, eventually } from '@handover/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Client } from './src/client.js';
import { COUNTING } from './src/counting.js';
import { fakedClock, type FakedClock } from './src/faked-clock.js';
import { startOwnInstallation, type OwnInstallation } from './src/own-installation.js';
import { tell } from './src/size.js';

const HOUR_S = 3_600;
const STEPS = 10;
const PHASES = [
  ['right', 0],
  ['an hour fast', HOUR_S],
  ['an hour slow', -HOUR_S],
  ['right again', 0],
] as const;
const HEALED_MS = 60_000;

const WAITING = `
title: Waiting
states: { initial: { after: 10 minutes, goto: (late) } }
`;

interface Document {
  readonly isRunning: boolean;
  readonly events: readonly { readonly action?: string; readonly response?: number; readonly skipped?: boolean }[];
}

/** Seconds since the epoch, as a server has them. */
async function timeOfPostgres({ postgres }: OwnInstallation): Promise<number> {
  const client = new pg.Client({ connectionString: postgres.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ now: string }>('select extract(epoch from clock_timestamp()) as now');
  await client.end();
  return Number(rows[0]?.now);
}
const timeOfRabbit = async ({ rabbit }: OwnInstallation): Promise<number> =>
  Number(await rabbit.ctl('eval', 'os:system_time(second).'));

/** Each of these has a clock of its own. Postgres comes last: what it has written for an hour hence stays. */
const CLOCKS = [...SERVICES, 'RabbitMQ', 'Postgres'] as const;
type Whose = (typeof CLOCKS)[number];

/** One clock is wrong, all others are right: what others say seems old to it or of tomorrow, and the other way round. */
describe('while steps are made', () => {
  let clocks: Readonly<Record<Whose, FakedClock>> | undefined;
  let platform: OwnInstallation;
  let client: Client;
  beforeAll(async () => {
    const made: [Whose, FakedClock][] = [];
    for (const whose of CLOCKS) {
      const clock = await fakedClock();
      if (!clock) return;
      made.push([whose, clock]);
    }
    clocks = Object.fromEntries(made) as Record<Whose, FakedClock>;
    const { RabbitMQ, Postgres, ...services } = clocks;
    platform = await startOwnInstallation({
      postgres: { env: Postgres.env },
      rabbitEnv: RabbitMQ.env,
      envOf: Object.fromEntries(Object.entries(services).map(([name, { env }]) => [name, env])),
    });
    client = createClient(platform);
  });
  afterAll(async () => {
    if (!clocks) return;
    expect(await platform.stop()).toEqual([]);
    for (const clock of Object.values(clocks)) await clock.remove();
  });

  const start = async (scenario: string, actors: object = {}): Promise<string> =>
    ((await client.insist('/processes', { scenario, actors })).body as { id: string }).id;

  const isRunning = async (id: string): Promise<boolean> => (await client.read<Document>(`/processes/${id}`)).isRunning;

  it.for(CLOCKS)('the clock of %s jumps by an hour, and back', { timeout: 300_000 }, async (whose, { skip }) => {
    if (!clocks) {
      process.stdout.write('clock: skipped, libfaketime is not installed and installing it takes root on Debian\n');
      return skip();
    }
    const webhook = { url: `${platform.receiver.url}/completions`, events: ['process.completed'] };
    await client.insist('/webhooks', webhook);
    const counting = await client.store(COUNTING);
    const [counted, waiting] = [
      await start(counting, { player: { id: 'ann' } }),
      await start(await client.store(WAITING)),
    ];

    client.refused.clear();
    const figures: Record<string, number> = {};
    const acknowledged = new Set<number>();
    const step = async (number: number): Promise<boolean> => {
      const { status } = await client.send('POST', `/processes/${counted}/add`, { body: number });
      if (status === 204) acknowledged.add(number);
      return status === 204;
    };
    let lastNumber = 0;
    for (const [name, offset] of PHASES) {
      await clocks[whose].set(offset);
      const servers = { RabbitMQ: timeOfRabbit, Postgres: timeOfPostgres };
      // Of a service its answers tell; these two would hide it.
      if (whose in servers) {
        const seconds = await servers[whose as keyof typeof servers](platform);
        expect(Math.abs(seconds - Date.now() / 1_000 - offset)).toBeLessThan(60);
      }
      // One that nobody has in a cache: auth has a say each time.
      platform.token = await platform.newToken();
      const numbers = Array.from({ length: STEPS }, () => ++lastNumber);
      // Whatever the answers are, what they say is true: that is counted below.
      const answers = await Promise.all(numbers.map(step));
      figures[`accepted while ${name}`] = answers.filter(Boolean).length;
    }
    const rightAgain = performance.now();
    await eventually(async () => expect(await step(++lastNumber)).toBe(true), { withinMs: HEALED_MS, everyMs: 200 });
    const healedMs = Math.round(performance.now() - rightAgain);
    await client.insist(`/processes/${counted}/finish`);
    await platform.receiver.requestThat(({ body }) => body.includes(counted), HEALED_MS);

    const { events } = await client.read<Document>(`/processes/${counted}`);
    const done = events
      .filter(({ action, skipped }) => action === 'add' && skipped !== true)
      .map((each) => each.response);
    const lost = [...acknowledged].filter((number) => !done.includes(number)).length;
    const duplicated = done.length - new Set(done).size;
    const chain = await client.read<{ valid: boolean }>(`/processes/${counted}/verify`);
    const refused = JSON.stringify(Object.fromEntries(client.refused));
    const timer = (await isRunning(waiting)) ? 'waits' : 'fired';
    tell(`clock of ${whose}`, {
      ...figures,
      acknowledged: acknowledged.size,
      lost,
      duplicated,
      healedMs,
      timer,
      refused,
    });
    expect({ lost, duplicated, valid: chain.valid }).toEqual({ lost: 0, duplicated: 0, valid: true });
    expect(figures['accepted while right']).toBeGreaterThan(0);
    // A timer fires when the database and an engine both find it due.
    expect(timer).toBe('waits');
  });
});
