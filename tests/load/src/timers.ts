import { setTimeout as delay } from 'node:timers/promises';
import { closedLoop } from './closed-loop.js';
import { openLoadDatabase, type LoadDatabase } from './database.js';
import { startPlatform, type Platform } from './platform.js';
import { quantile } from './quantile.js';
import { startProcesses } from './subject.js';
import { ms, table, whole } from './table.js';

const WAITING = {
  title: 'Waiting',
  actors: { actor: {} },
  states: {
    initial: {
      transitions: [
        { on: 'go', goto: '(gone)' },
        { after: '1 hour', goto: '(expired)' },
      ],
    },
  },
};

const CHUNK = 10_000;
const CLIENTS = 8;
const BEFORE_MS = 5_000;
const LOOK_MS = 250;
const TELL_MS = 10_000;
/** Where draining would take longer than this it has come to a standstill. */
const MOST_MS = 30 * 60_000;

export interface TimersOptions {
  /** How many are due at once. */
  readonly due: number;
  readonly say: (line: string) => void;
}

export interface TimersFigure {
  readonly due: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Steps that people make meanwhile, and the same before. */
  readonly steps: { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };
  readonly stepsBefore: { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };
}

/** Lets timers come due all at once, and steps other processes meanwhile. */
export async function measureTimers({ due, say }: TimersOptions): Promise<TimersFigure> {
  const database = await openLoadDatabase();
  let platform: Platform | undefined;
  try {
    platform = await startPlatform(database.url);
    const step = stepper(platform, await startProcesses(platform, CLIENTS));
    await seedWaiting(platform, database, due);
    say(`${whole(due)} processes wait`);
    await closedLoop(CLIENTS, BEFORE_MS / 2, step);
    const before = await closedLoop(CLIENTS, BEFORE_MS, step);
    await database.admin.query(`update engine.timers set due_at = now() where due_at = 'infinity'`);
    const began = performance.now();
    let drained = false;
    const during = meanwhile(step, () => drained);
    await untilNoneIsLeft(database, say);
    const seconds = (performance.now() - began) / 1_000;
    drained = true;
    return { due, seconds, perSecond: due / seconds, steps: figureOf(await during), stepsBefore: figureOf(before) };
  } finally {
    await platform?.stop();
    await database.close();
  }
}

/** Copies of a process whose hour is over, with an appointment that is moved to now when all of them are there. */
async function seedWaiting(platform: Platform, { admin }: LoadDatabase, count: number): Promise<void> {
  const { id: scenario } = await platform.call<{ id: string }>('POST', '/scenarios', WAITING);
  const { id } = await platform.call<{ id: string }>('POST', '/processes', {
    scenario,
    actors: { actor: { id: 'admin' } },
  });
  for (let left = count; left > 0; left -= CHUNK) await admin.query(COPIES, [id, Math.min(left, CHUNK)]);
  await admin.query('vacuum (analyze) engine.processes');
  await admin.query('vacuum (analyze) engine.timers');
}

const COPIES = `
  with template as (
    select *, snapshot -> 'current' ->> 'timestamp' as entered from engine.processes where id = $1
  ), copies as (
    insert into engine.processes (tenant, id, scenario, version, etag, state, running, snapshot, created_at, updated_at)
    select tenant, copy, scenario, version, etag, state, running,
      replace(replace(snapshot::text, template.id::text, copy::text), '"' || entered || '"',
        to_json(to_char((entered::timestamptz - interval '2 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text)::json,
      created_at, updated_at
    from template, lateral (select gen_random_uuid() as copy from generate_series(1, $2::int)) made
    returning tenant, id
  )
  insert into engine.timers (tenant, process, due_at) select tenant, id, 'infinity' from copies`;

type Step = (client: number) => Promise<unknown>;

function stepper(platform: Platform, ids: readonly string[]): Step {
  const turns = ids.map(() => 0);
  return (client) => {
    const turn = turns[client] ?? 0;
    turns[client] = turn + 1;
    const action = turn % 2 === 0 ? 'give' : 'take';
    return platform.call('POST', `/processes/${ids[client] ?? ''}/${action}`, { note: 'meanwhile', amount: 1 });
  };
}

interface Steps {
  readonly latencies: readonly number[];
  readonly perSecond: number;
}

/** Steps until it is over. */
async function meanwhile(step: Step, isOver: () => boolean): Promise<Steps> {
  const latencies: number[] = [];
  const began = performance.now();
  while (!isOver()) latencies.push(...(await closedLoop(CLIENTS, LOOK_MS, step)).latencies);
  return { latencies, perSecond: (latencies.length * 1_000) / (performance.now() - began) };
}

const figureOf = ({ latencies, perSecond }: Steps) => ({
  perSecond,
  p50Ms: quantile(latencies, 0.5),
  p99Ms: quantile(latencies, 0.99),
});

/** Looks whether any is left; now and then how many, and does what autovacuum would, which test servers may do without. */
async function untilNoneIsLeft({ admin }: LoadDatabase, say: (line: string) => void): Promise<void> {
  const due = 'from engine.timers where due_at <= now()';
  const began = performance.now();
  for (let told = began; ;) {
    const { rowCount } = await admin.query(`select ${due} limit 1`);
    if (rowCount === 0) return;
    const now = performance.now();
    if (now - began > MOST_MS) throw new Error(`timers are left after ${MOST_MS / 60_000} minutes`);
    if (now - told > TELL_MS) {
      told = now;
      const { rows } = await admin.query<{ left: string }>(`select count(*) as left ${due}`);
      say(`${whole(Number(rows[0]?.left))} left`);
      await admin.query('vacuum engine.timers, engine.outbox, engine.processes');
    }
    await delay(LOOK_MS);
  }
}

export function showTimers({ due, seconds, perSecond, steps, stepsBefore }: TimersFigure): string {
  const row = (name: string, { perSecond: rate, p50Ms, p99Ms }: TimersFigure['steps']) => [
    name,
    whole(rate),
    ms(p50Ms),
    ms(p99Ms),
  ];
  const meantime = table(
    ['steps of other processes', 'steps/s', 'p50 ms', 'p99 ms'],
    [row('before', stepsBefore), row('meanwhile', steps)],
  );
  return `${whole(due)} timers due at once: ${seconds.toFixed(1)} s, ${whole(perSecond)} a second\n\n${meantime}`;
}
