import { request } from 'undici';
import { closedLoop } from '../closed-loop.js';
import { openLoadDatabase } from '../database.js';
import { startPlatform, type Platform } from '../platform.js';
import { quantile } from '../quantile.js';
import { ms, ratio, table, whole } from '../table.js';
import { seed, startTemplate } from './seed.js';

/** First pages that people look at, each by its query. */
const LISTS = {
  'all by title': 'all=true',
  'latest created': 'all=true&sort=-created',
  'latest updated': 'all=true&sort=-updated',
  'my own, latest updated': 'sort=-updated',
  'running, latest updated': 'all=true&running=true&sort=-updated',
  'of a state': 'all=true&state=initial',
  'tagged, latest updated': 'all=true&tag=bulk&sort=-updated',
  'of an asset': 'all=true&tag=asset:7',
  'by words of the title': 'all=true&text=quote%20a1',
} as const;

export interface ListsOptions {
  /** Numbers of processes, in growing order. */
  readonly processes: readonly number[];
  /** How long each list is asked for, in ms; a quarter of that before, not counted. */
  readonly roundMs: number;
  readonly say: (line: string) => void;
}

export interface ListsFigure {
  readonly processes: number;
  /** Of all lists together, as many of each. */
  readonly p99Ms: number;
  readonly lists: readonly { readonly list: string; readonly p50Ms: number; readonly p99Ms: number }[];
}

/** First pages over REST, one caller at a time, with more and more processes. */
export async function measureLists({ processes, roundMs, say }: ListsOptions): Promise<ListsFigure[]> {
  const database = await openLoadDatabase();
  let platform: Platform | undefined;
  try {
    platform = await startPlatform(database.url);
    const template = await startTemplate(platform, database.admin);
    const figures: ListsFigure[] = [];
    let seeded = 0;
    for (const count of processes) {
      await seed(database.admin, template, seeded, count);
      seeded = count;
      figures.push(await firstPages(platform, count, roundMs));
      say(`${whole(count)} processes: first pages ${ms(figures.at(-1)?.p99Ms ?? Number.NaN)} ms (p99)`);
    }
    return figures;
  } finally {
    await platform?.stop();
    await database.close();
  }
}

async function firstPages(platform: Platform, processes: number, roundMs: number): Promise<ListsFigure> {
  const lists: { list: string; latencies: readonly number[] }[] = [];
  for (const [list, query] of Object.entries(LISTS)) {
    const once = () => page(platform, query);
    await closedLoop(1, roundMs / 4, once);
    lists.push({ list, latencies: (await closedLoop(1, roundMs, once)).latencies });
  }
  // Quick lists are asked for more often in the same time: of each, the same number counts.
  const fewest = Math.min(...lists.map(({ latencies }) => latencies.length));
  return {
    processes,
    p99Ms: quantile(
      lists.flatMap(({ latencies }) => latencies.slice(0, fewest)),
      0.99,
    ),
    lists: lists.map(({ list, latencies }) => ({
      list,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
    })),
  };
}

async function page({ url, token }: Platform, query: string): Promise<void> {
  const { statusCode, body } = await request(`${url}/processes?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`GET /processes?${query}: ${statusCode} ${text.slice(0, 300)}`);
}

/** A column for each number of processes, and how the last compares with that of 10,000. */
export function showLists(figures: readonly ListsFigure[]): string {
  const base = figures.find(({ processes }) => processes === 10_000);
  const last = figures.at(-1);
  const names = [...Object.keys(LISTS), 'all of these'];
  const p99 = (figure: ListsFigure | undefined, name: string): number =>
    (figure?.lists.find(({ list }) => list === name) ?? figure)?.p99Ms ?? Number.NaN;
  return table(
    ['first page, p99 ms', ...figures.map(({ processes }) => whole(processes)), 'last vs 10,000'],
    names.map((name) => [
      name,
      ...figures.map((figure) => ms(p99(figure, name))),
      base ? ratio(p99(last, name) / p99(base, name)) : '',
    ]),
  );
}
