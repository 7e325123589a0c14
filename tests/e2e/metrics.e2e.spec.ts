import { METRICS } from '@handover/runtime';
import {
  createTestDatabase,
  eventually,
  startInstallation,
  startReceiver,
  type Installation,
  type Receiver,
  type TestDatabase,
} from '@handover/testkit';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';

/** A step, a notification, a timer; and a time that comes but cannot be taken: the title needs a number. */
const EVERYTHING = `
title: Everything that is counted
actors: { player: ~ }
actions: { add: { actor: player } }
states:
  initial:
    notify: service:hearing
    transitions:
      - { on: add, goto: ~ }
      - { after: 1 second, goto: late }
  late:
    title: !ref 'to_string(abs(vars.limit))'
    on: add
    goto: (done)
vars: { limit: {} }
`;

let database: TestDatabase;
let broker: Broker;
let receiver: Receiver;
let platform: Installation;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  broker = await ownBroker();
  receiver = await startReceiver();
  platform = await startInstallation({
    adminUrl: database.adminUrl,
    rolePrefix: database.prefix,
    broker: { url: broker.env.AMQP_URL ?? '', prefix: broker.env.AMQP_PREFIX ?? '' },
    replicas: { engine: 2 },
    envOf: {
      notifier: { SERVICES: JSON.stringify({ services: { hearing: { provider: 'webhook', url: receiver.url } } }) },
    },
  });
  token = await new SignJWT({ id: 'ann', roles: ['admin'], tenant: 'acme' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(platform.secrets.jwt));
});
afterAll(async () => {
  expect(await platform.stop()).toEqual([]);
  await receiver.close();
  await broker.remove();
  await database.drop();
});

async function post(path: string, body?: unknown): Promise<{ status: number; id: string }> {
  const isText = typeof body === 'string';
  const answer = await fetch(`${await platform.url()}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': isText ? 'application/yaml' : 'application/json' },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
  const { id } = (answer.status === 204 ? {} : await answer.json()) as { id?: string };
  return { status: answer.status, id: id ?? '' };
}

/** What all replicas of all services show: per metric the values of its samples; of a histogram, how much was observed. */
async function scrape(): Promise<Map<string, number[]>> {
  const texts = await Promise.all(
    platform.processes.map(async (process) => (await fetch(`${(await process.ready()).ops}/metrics`)).text()),
  );
  const found = new Map<string, number[]>();
  for (const [, name = '', value] of texts.join('\n').matchAll(/^(\w+)\{[^}]*\} (\S+)$/gm)) {
    const metric = name.replace(/_count$/, '');
    found.set(metric, [...(found.get(metric) ?? []), Number(value)]);
  }
  return found;
}

/** There is nothing to measure in a platform that is well: these are shown, and 0. */
const QUIET = new Set(['handover_circuits_open', 'handover_outbox_lag_seconds', 'handover_commands_waiting']);

describe('the metrics of a platform that has worked', () => {
  it('have a value under every name of the catalogue', async () => {
    // A receiver that refuses once, so that its delivery waits for another attempt.
    receiver.answer(500, 200);
    const { status } = await post('/webhooks', { url: `${receiver.url}/hook`, events: ['process.started'] });
    expect(status).toBe(201);
    const scenario = await post('/scenarios', EVERYTHING);
    expect(scenario.status).toBe(201);
    const start = () => post('/processes', { scenario: scenario.id, actors: { player: { id: 'ann' } } });
    expect((await start()).status).toBe(201);

    // Two engines change one process at a time, until they meet.
    await eventually(
      async () => {
        const { id } = await start();
        await Promise.all(Array.from({ length: 20 }, () => post(`/processes/${id}/add`)));
        const shown = await scrape();
        const silent = Object.keys(METRICS).filter((name) => {
          const values = shown.get(name) ?? [];
          return QUIET.has(name) ? values.length === 0 : !values.some((value) => value > 0);
        });
        expect(silent).toEqual([]);
      },
      { withinMs: 60_000, everyMs: 100 },
    );
  });

  it('are those of the catalogue, beside those of the process', async () => {
    const names = [...(await scrape()).keys()].filter((name) => name.startsWith('handover_'));
    const known = new Set(Object.keys(METRICS));
    const base = (name: string) => name.replace(/_(bucket|sum)$/, '');
    expect(names.filter((name) => !known.has(base(name)))).toEqual([]);
  });
});

describe('the page of all metrics', () => {
  it('says what the catalogue says', async () => {
    const rows = Object.entries(METRICS).map(([name, { kind, services, labels, help }]) => {
      const whose = services.length === 4 ? 'all' : services.join(', ');
      return `| \`${name}\` | ${kind} | ${whose} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
    });
    const page = `# Metrics

Every service shows its metrics in the Prometheus text format under \`/metrics\` of its operations port (\`OPS_HOST\`, \`OPS_PORT\`). Names and labels
change only with a line in the changelog. Durations are seconds. Every sample has the label \`service\`. A gauge that cannot be looked up
just now, because the database does not answer, is \`Nan\`.

Beside them each process shows those of its runtime: \`nodejs_eventloop_lag_seconds\`, \`process_cpu_seconds_total\`,
\`process_resident_memory_bytes\`, \`nodejs_gc_duration_seconds\` and so on.

This page is made from the catalogue in \`packages/runtime\` (\`tests/e2e/metrics.e2e.spec.ts\`; \`vitest -u\` writes it anew).

| metric | kind | service | labels | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
    await expect(page).toMatchFileSnapshot('../../deploy/metrics.md');
  });
});
