import * as fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';
import { requests, type FuzzedRequest } from './src/openapi/requests.js';

/** `npm run fuzz` asks for ten thousand. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
/** The same few requests in every `npm test`; the long run searches anew each time and prints its seed when it finds something. */
const SEED = process.env.FUZZ_RUNS === undefined ? 1 : Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Runs after which memory is measured: caches are warm then. */
const WARM = RUNS / 4;
const MOST_GROWTH = 64 * 1_024 * 1_024;

let platform: InProcess;
let admin: string;
let known: string[];

beforeAll(async () => {
  platform = await startInProcess();
  admin = await platform.jwt({ sub: 'arnold', id: 'arnold', roles: ['admin'] });
  const json = {
    name: 'quote',
    version: '1',
    title: 'quote',
    actors: { a: { id: 'string' }, b: {} },
    actions: { go: { actor: ['a', 'b'], update: 'vars.said' }, stop: { actor: 'a' } },
    vars: { said: {} },
    states: {
      initial: {
        transitions: [
          { on: 'go', goto: null },
          { on: 'stop', goto: '(done)' },
        ],
      },
    },
  };
  const { id: scenario } = await jsonOf('POST', '/scenarios', json);
  const actors = { a: { id: 'arnold' } };
  const { id: process } = await jsonOf('POST', '/processes', { scenario: 'quote', actors });
  const { id: key } = await jsonOf('POST', '/apikey', { name: 'known' });
  const hook = { url: 'http://127.0.0.1:9/', events: ['*'] };
  const { id: webhook } = await jsonOf('POST', '/webhooks', hook);
  known = [scenario, process, process, key, webhook, 'quote', 'quote@1', 'go', 'stop'];
});
afterAll(() => platform.stop());

async function jsonOf(method: string, path: string, json: unknown): Promise<{ id: string }> {
  const answer = await platform.call(method, path, { token: admin, json });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()) as { id: string };
}

/** Sends a request as it is; what comes back is held against the document by the harness. */
async function send({ method, path, headers, body }: FuzzedRequest): Promise<number> {
  const answer = await platform.call(method, path, { token: admin, headers, ...(body !== undefined && { body }) });
  await answer.body?.cancel();
  return answer.status;
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('any request the document describes, or nearly', () => {
  it(
    'is answered as described, and never by a failure of ours',
    async () => {
      const statuses = new Map<number, number>();
      let heap = 0;
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(requests(known), async (request) => {
          const status = await send(request);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (++runs === WARM) heap = heapAfterCollection();
          expect(status).toBeLessThan(500);
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      // Requests get somewhere: a run of refusals alone would prove little.
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404]));
      expect(heapAfterCollection() - heap).toBeLessThan(MOST_GROWTH);
    },
    60_000 + RUNS * 100,
  );
});
