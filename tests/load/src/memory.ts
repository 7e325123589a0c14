import { openLoadDatabase } from './database.js';
import { startPlatform, type Platform } from './platform.js';
import { residentMiB } from './processor-time.js';
import { Clients } from './rest/clients.js';
import { startProcesses } from './subject.js';
import { ratio, table, whole } from './table.js';

export interface MemoryOptions {
  readonly clients: number;
  /** Processes that are stepped in turns: many more than the clients, so that what is remembered of each adds up. */
  readonly processes: number;
  /** How long between two looks, in ms. */
  readonly roundMs: number;
  /** Looks under load, after the one at rest. */
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** Resident memory of every service in MiB: at rest, and after each round under load. What leaks grows from round to round. */
export interface MemoryFigure {
  readonly service: string;
  readonly restMiB: number;
  readonly loadedMiB: readonly number[];
  /** The least of the later half of the rounds in the most of the first half: a leak is above, the collector's ups and downs below 1. */
  readonly growth: number;
}

/** What a service may grow by from the first half of the rounds to the second. */
export const MOST_GROWTH = 1.1;

export async function measureMemory(options: MemoryOptions): Promise<MemoryFigure[]> {
  const database = await openLoadDatabase();
  let platform: Platform | undefined;
  try {
    platform = await startPlatform(database.url);
    const pids = Object.entries(await platform.pids());
    const look = (): number[] => pids.map(([, pid]) => residentMiB(pid) ?? Number.NaN);
    const rest = look();
    const clients = new Clients(platform.url, options.clients, await aimAtMany(platform, options.processes));
    const loaded: number[][] = [];
    for (let round = 0; round < options.rounds; round++) {
      await clients.run(options.roundMs);
      loaded.push(look());
      options.say(
        `round ${round + 1}: ${pids.map(([name], i) => `${name} ${whole(loaded.at(-1)?.[i] ?? 0)}`).join(', ')} MiB`,
      );
    }
    await clients.close();
    return pids.map(([service], i) => {
      const loadedMiB = loaded.map((each) => each[i] ?? Number.NaN);
      return { service, restMiB: rest[i] ?? Number.NaN, loadedMiB, growth: growthOf(loadedMiB) };
    });
  } finally {
    await platform?.stop();
    await database.close();
  }
}

function growthOf(rounds: readonly number[]): number {
  const half = Math.ceil(rounds.length / 2);
  return Math.min(...rounds.slice(half)) / Math.max(...rounds.slice(0, half));
}

/** @returns a sentence for each service that grew more than it may, or whose growth is not known */
export const leaksOf = (figures: readonly MemoryFigure[]): string[] =>
  figures
    .filter(({ growth }) => !(growth <= MOST_GROWTH))
    .map(
      ({ service, growth }) =>
        `${service} grew to ${ratio(growth)} of what it held before; ${ratio(MOST_GROWTH)} is allowed`,
    );

/** Each process in its turn, whichever client is free; two clients are never at the same one. */
async function aimAtMany(platform: Platform, count: number): Promise<ConstructorParameters<typeof Clients>[2]> {
  const ids = await startProcesses(platform, count);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${platform.token}` };
  const body = JSON.stringify({ note: 'as agreed on the telephone', amount: 1250 });
  let shots = 0;
  return () => {
    const id = ids[shots % ids.length] ?? '';
    const action = Math.floor(shots / ids.length) % 2 === 0 ? 'give' : 'take';
    shots += 1;
    return { path: `/processes/${id}/${action}`, headers, body };
  };
}

export function showMemory(figures: readonly MemoryFigure[]): string {
  const rounds = figures[0]?.loadedMiB.map((_, i) => `round ${i + 1}`) ?? [];
  return table(
    ['resident MiB', 'at rest', ...rounds, 'growth'],
    figures.map(({ service, restMiB, loadedMiB, growth }) => [
      service,
      whole(restMiB),
      ...loadedMiB.map(whole),
      ratio(growth),
    ]),
  );
}
