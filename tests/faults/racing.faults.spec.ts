import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient, eachOf, type Client } from './src/client.js';
import { startPlatform, type Platform } from './src/platform.js';
import { inFull, tell } from './src/size.js';

const PROCESSES = inFull(1_000, 40);
const CLIENTS = 8;
/** Steps of each client on each process. */
const STEPS = 3;
const AT_A_TIME = 20;

const COUNTER = `
title: Counter
actors: { player: ~ }
actions:
  add:
    actor: player
    response: { type: integer }
    update: { set: vars.sum, value: !ref 'vars.sum + current.response' }
  put: { actor: player, response: { type: integer }, update: { set: vars.sum, value: !ref current.response } }
states:
  initial:
    transitions:
      - { on: add, goto: ~ }
      - { on: put, goto: ~ }
      - { on: finish, goto: (finished) }
vars: { sum: !default 0 }
`;

interface Document {
  readonly vars: { readonly sum: number };
}

let platform: Platform;
let client: Client;
let processes: string[];

beforeAll(async () => {
  platform = await startPlatform(2);
  client = createClient(platform);
  const scenario = await client.store(COUNTER);
  processes = [];
  await eachOf(Array.from({ length: PROCESSES }), AT_A_TIME, async () => {
    processes.push(
      ((await client.insist('/processes', { scenario, actors: { player: { id: 'ann' } } })).body as { id: string }).id,
    );
  });
}, 300_000);
afterAll(async () => {
  expect(await platform.stop()).toEqual([]);
});

const race = (work: () => Promise<void>): Promise<unknown> => Promise.all(Array.from({ length: CLIENTS }, work));
const sumOf = async (process: string): Promise<number> =>
  (await client.read<Document>(`/processes/${process}`)).vars.sum;

it(
  `${CLIENTS} clients on each of ${PROCESSES} processes over two engines: no step is lost, no version error arrives`,
  { timeout: 600_000 },
  async () => {
    const began = performance.now();
    await eachOf(processes, AT_A_TIME, (process) =>
      race(async () => {
        for (let step = 0; step < STEPS; step++) await client.insist(`/processes/${process}/add`, 1);
      }),
    );
    const seconds = (performance.now() - began) / 1_000;
    const sums: number[] = [];
    await eachOf(processes, AT_A_TIME, async (process) => sums.push(await sumOf(process)));
    const acknowledged = PROCESSES * CLIENTS * STEPS;
    tell('racing', {
      processes: PROCESSES,
      clients: CLIENTS,
      acknowledged,
      effects: sums.reduce((sum, each) => sum + each, 0),
      refused: JSON.stringify(Object.fromEntries(client.refused)),
      'steps/s': Math.round(acknowledged / seconds),
    });
    expect(sums.filter((sum) => sum !== CLIENTS * STEPS)).toEqual([]);
    expect(client.refused.get('version_conflict')).toBeUndefined();
  },
);

it(
  'who writes what they have read, on condition that it has not changed, overwrites nobody',
  { timeout: 600_000 },
  async () => {
    const contested = processes.slice(0, PROCESSES / 10);
    const before = client.refused.get('precondition_failed') ?? 0;
    await eachOf(contested, AT_A_TIME, async (process) => {
      const first = await sumOf(process);
      await race(() => increment(process));
      expect(await sumOf(process)).toBe(first + CLIENTS);
    });
    tell('conditional writes', {
      acknowledged: contested.length * CLIENTS,
      'refused and read again': (client.refused.get('precondition_failed') ?? 0) - before,
    });
  },
);

async function increment(process: string): Promise<void> {
  const path = `/processes/${process}`;
  for (;;) {
    const { body, etag } = await client.send('GET', path);
    const value = (body as Document).vars.sum + 1;
    const { status } = await client.send('POST', `${path}/put`, { body: value, headers: { 'if-match': etag ?? '' } });
    if (status === 204) return;
    if (status !== 412) throw new Error(`answered ${status}`);
  }
}
