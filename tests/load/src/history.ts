import { openLoadDatabase } from './database.js';
import { startPlatform, type Platform } from './platform.js';
import { median } from './quantile.js';
import { ms, ratio, table, whole } from './table.js';

/** One action that leads nowhere, for as long a past as one likes. */
const NOTES = {
  title: 'Notes',
  actors: { writer: {} },
  vars: { last: {} },
  actions: { note: { actor: 'writer', update: { set: 'vars.last' } } },
  states: { initial: { on: 'note', goto: null } },
};
const NOTE = { text: 'as agreed on the telephone', amount: 1250 };

/** Steps of one process that wait at the same moment, while its past is made. */
const AT_ONCE = 64;

export interface HistoryOptions {
  /** Numbers of events, in growing order. */
  readonly events: readonly number[];
  /** Steps measured of each. */
  readonly steps: number;
  readonly say: (line: string) => void;
}

export interface HistoryFigure {
  readonly events: number;
  /** Median of one step over REST. */
  readonly stepMs: number;
  readonly vsFirst: number;
}

/** What a step costs a process with so many events, one step at a time; the processes take turns, so that noise hits all alike. */
export async function measureHistory({ events, steps, say }: HistoryOptions): Promise<HistoryFigure[]> {
  const database = await openLoadDatabase();
  let platform: Platform | undefined;
  try {
    platform = await startPlatform(database.url);
    const { id: scenario } = await platform.call<{ id: string }>('POST', '/scenarios', NOTES);
    const subjects: { count: number; id: string; times: number[] }[] = [];
    for (const count of events) {
      const id = await grown(platform, scenario, count);
      say(`a process of ${whole(count)} events is there`);
      subjects.push({ count, id, times: [] });
    }
    // Enough for the compiler to settle; and the youngest must not be old by then.
    const warmer = await grown(platform, scenario, 1);
    for (let n = 0; n < steps; n++) await timeOf(platform, warmer);
    for (let n = 0; n < steps; n++) {
      for (const subject of subjects) {
        // A young process is another one after ten steps: its age is what is measured.
        if (subject.count < steps && n > 0 && n % 10 === 0) subject.id = await grown(platform, scenario, subject.count);
        subject.times.push(await timeOf(platform, subject.id));
      }
    }
    const first = median(subjects[0]?.times ?? []);
    return subjects.map(({ count, times }) => ({
      events: count,
      stepMs: median(times),
      vsFirst: median(times) / first,
    }));
  } finally {
    await platform?.stop();
    await database.close();
  }
}

async function grown(platform: Platform, scenario: string, events: number): Promise<string> {
  const body = { scenario, actors: { writer: { id: 'admin' } } };
  const { id } = await platform.call<{ id: string }>('POST', '/processes', body);
  for (let left = events - 1; left > 0; left -= AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => note(platform, id)));
  }
  return id;
}

const note = (platform: Platform, id: string): Promise<unknown> => platform.call('POST', `/processes/${id}/note`, NOTE);

async function timeOf(platform: Platform, id: string): Promise<number> {
  const began = performance.now();
  await note(platform, id);
  return performance.now() - began;
}

export function showHistory(figures: readonly HistoryFigure[]): string {
  const rows = figures.map(({ events, stepMs, vsFirst }) => [whole(events), ms(stepMs), ratio(vsFirst)]);
  return table(['past events', 'step ms', 'vs the first'], rows);
}
