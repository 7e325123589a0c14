import { Recording } from '@handover/testkit';
import { connect, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient, eachOf, type Client } from './src/client.js';
import { difference, newLedger, type Ledger } from './src/ledger.js';
import { startPlatform, type Platform } from './src/platform.js';
import { inFull, tell } from './src/size.js';

const KILLS = inFull(50, 3);
const CLIENTS = 16;
/** Steps of one process; a client that has done them takes up the next process. */
const STEPS = 10;
/** Every so many steps are sent once only: nobody knows whether they were carried out when there is no answer. */
const SENT_ONCE = 5;
/** Acknowledgements between a recovery and the next kill. */
const BETWEEN = 40;

const COUNTING = `
title: Counting
actors: { player: ~ }
actions:
  add:
    actor: player
    response: { type: integer }
    update: { set: vars.sum, value: !ref 'vars.sum + current.response' }
  finish: { actor: player }
states:
  initial:
    transitions:
      - { on: add, goto: ~ }
      - { on: finish, goto: resting }
  resting:
    transitions:
      - { after: 1 second, goto: (finished) }
vars: { sum: !default 0 }
`;

interface Event {
  readonly action?: string;
  readonly response?: number;
  readonly skipped?: boolean;
  readonly scenario?: string;
}
interface Document {
  readonly vars: { readonly sum: number };
  readonly events: readonly Event[];
  readonly isRunning: boolean;
}
interface Announced {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
}

let platform: Platform;
let client: Client;
let outsider: ChannelModel;
const completions = new Recording<Announced>('completions');
const acknowledgements = new Recording<number>('acknowledgements');
const ledgers = new Map<string, Ledger>();

beforeAll(async () => {
  platform = await startPlatform(2);
  client = createClient(platform);
  outsider = await connect(platform.broker.url);
  const channel = await outsider.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, `${platform.broker.prefix}.events`, '#');
  await channel.consume(queue, (message) => {
    if (!message) return;
    const event = JSON.parse(message.content.toString()) as Announced;
    if (event.type === 'process.completed') completions.record(event);
    channel.ack(message);
  });
});
afterAll(async () => {
  await outsider.close();
  expect(await platform.stop()).toEqual([]);
});

let lastNumber = 0;

/** One process from its start to the state that time ends. */
async function play(scenario: string): Promise<void> {
  const { id } = (await client.insist('/processes', { scenario, actors: { player: { id: 'ann' } } })).body as {
    id: string;
  };
  const ledger = newLedger();
  ledgers.set(id, ledger);
  for (let step = 1; step <= STEPS; step++) {
    const number = ++lastNumber;
    const path = `/processes/${id}/add`;
    if (step % SENT_ONCE > 0) await client.insist(path, number);
    else if ((await client.send('POST', path, { body: number })).status !== 204) {
      ledger.unknown.add(number);
      continue;
    }
    ledger.acknowledged.add(number);
    acknowledgements.record(number);
  }
  await client.insist(`/processes/${id}/finish`);
}

/** Kills an engine, the other one next time, and both every third time. @returns how long nothing was acknowledged, ms */
async function kill(turn: number): Promise<number> {
  const { replicas } = platform;
  const victims = replicas.filter((_, index) => turn % 3 === 2 || index === turn % 2);
  const at = performance.now();
  await Promise.all(victims.map((replica) => replica.killAndReplace()));
  const before = acknowledgements.items.length;
  await acknowledgements.nth(before + 1, 60_000);
  const silence = performance.now() - at;
  await Promise.all(replicas.map((replica) => replica.ready()));
  await acknowledgements.nth(acknowledgements.items.length + BETWEEN, 60_000);
  return silence;
}

it(
  `after ${KILLS} kills of engines under load every acknowledged step is there once, and every end was announced`,
  { timeout: 1_200_000 },
  async () => {
    const scenario = await client.store(COUNTING);
    let killing = true;
    const load = Array.from({ length: CLIENTS }, async () => {
      while (killing) await play(scenario);
    }).map((played) => played.finally(() => (killing = false)));
    const silences: number[] = [];
    const killed = (async () => {
      await acknowledgements.nth(BETWEEN, 60_000);
      for (let turn = 0; turn < KILLS && killing; turn++) silences.push(await kill(turn));
    })().finally(() => (killing = false));
    await Promise.all([killed, ...load]);

    const completed = async (process: string): Promise<void> => {
      await completions.first(({ subject }) => subject === process, 60_000);
    };
    const wrong: unknown[] = [];
    let [lost, doubled] = [0, 0];
    await eachOf([...ledgers], CLIENTS, async ([process, ledger]) => {
      await completed(process);
      const { vars, events, isRunning } = await client.read<Document>(`/processes/${process}`);
      const steps = events.filter(({ action, skipped }) => action === 'add' && skipped !== true);
      const there = steps.map(({ response }) => response ?? 0);
      const differs = difference(ledger, there);
      lost += differs.lost.length;
      doubled += differs.doubled.length;
      const timeouts = events.filter(({ action, scenario: begun }) => action === undefined && begun === undefined);
      const chain = await client.read<{ valid: boolean }>(`/processes/${process}/verify`);
      const sum = there.reduce((one, other) => one + other, 0);
      const found = { ...differs, isRunning, sum: vars.sum, timeouts: timeouts.length, valid: chain.valid };
      const right = { lost: [], doubled: [], unheardOf: [], isRunning: false, sum, timeouts: 1, valid: true };
      if (JSON.stringify(found) !== JSON.stringify(right)) wrong.push({ process, found, right });
    });
    const ids = new Map<string, Set<string>>();
    for (const { subject, id } of completions.items) ids.set(subject, (ids.get(subject) ?? new Set()).add(id));
    const twice = [...ids].filter(([, announced]) => announced.size > 1);
    const known = [...ledgers.values()];

    silences.sort((one, other) => one - other);
    tell('engine killed', {
      kills: KILLS,
      processes: ledgers.size,
      acknowledged: known.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
      lost,
      doubled,
      unanswered: known.reduce((sum, { unknown }) => sum + unknown.size, 0),
      refused: JSON.stringify(Object.fromEntries(client.refused)),
      completions: ids.size,
      'announced again': completions.items.length - ids.size,
      'median silence ms': Math.round(silences[Math.floor(silences.length / 2)] ?? 0),
      'longest silence ms': Math.round(silences.at(-1) ?? 0),
    });
    expect(silences).toHaveLength(KILLS);
    expect(wrong).toEqual([]);
    expect(twice).toEqual([]);
  },
);
