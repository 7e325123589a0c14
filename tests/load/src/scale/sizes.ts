import { openLoadDatabase, type LoadDatabase } from '../database.js';
import { startPlatform, type Platform } from '../platform.js';
import { startProcesses } from '../subject.js';
import type { Costs } from './model.js';

/** In the life of a process; its start is an event too. */
const STEPS = 4;
const CLIENTS = 64;
const RESPONSE = { note: 'as agreed on the telephone', amount: 1250 };
/** What stays of a process; the outbox, timers and kept answers empty themselves. */
const OF_PROCESSES = ['processes', 'process_terms'];
const OF_STEPS = ['events'];

/** What processes and their steps leave on disk, with indexes and the room that updates take. @param processes how many are started */
export async function measureSizes(
  processes: number,
  env: Readonly<Record<string, string>>,
): Promise<Pick<Costs, 'bytesPerProcess' | 'bytesPerStep'>> {
  const database = await openLoadDatabase();
  let platform: Platform | undefined;
  try {
    platform = await startPlatform(database.url, env);
    const [none, noneStepped] = [await sizeOf(database, OF_PROCESSES), await sizeOf(database, OF_STEPS)];
    await live(platform, await startProcesses(platform, processes));
    return {
      bytesPerProcess: ((await sizeOf(database, OF_PROCESSES)) - none) / processes,
      bytesPerStep: ((await sizeOf(database, OF_STEPS)) - noneStepped) / (processes * (STEPS + 1)),
    };
  } finally {
    await platform?.stop();
    await database.close();
  }
}

/** A step of each before the next of any, as they come in life. */
async function live(platform: Platform, ids: readonly string[]): Promise<void> {
  for (let turn = 0; turn < STEPS; turn++) {
    const rest = ids.values();
    const client = async (): Promise<void> => {
      for (const id of rest) {
        await platform.call('POST', `/processes/${id}/${turn % 2 === 0 ? 'give' : 'take'}`, RESPONSE);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  }
}

async function sizeOf({ admin }: LoadDatabase, tables: readonly string[]): Promise<number> {
  const { rows } = await admin.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(c.oid)) as bytes from pg_class c join pg_namespace n on n.oid = relnamespace
     where nspname = 'engine' and relname = any($1)`,
    [tables],
  );
  return Number(rows[0]?.bytes);
}
