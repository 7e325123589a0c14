import { OPERATIONS } from '@handover/contracts';
import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTANCE, openDoors, type Doors } from './src/doors/world.js';
import { furnish } from './src/openapi/furnish.js';
import { Known } from './src/openapi/known.js';
import { requests, type FuzzedRequest } from './src/openapi/requests.js';

/** `npm run fuzz` asks for ten thousand. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const IS_LONG = process.env.FUZZ_RUNS !== undefined;
/** The same few requests in every `npm test`; the long run searches anew each time, and says its seed. */
const SEED = IS_LONG ? Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31) : 1;
/** Runs after which memory is measured: caches are warm then. */
const WARM = RUNS / 4;
const MOST_GROWTH = 64 * 1_024 * 1_024;

const CREATED = new Set([201, 202]);

const known = new Known();
let doors: Doors;

beforeAll(async () => {
  doors = await openDoors();
  await furnish(doors, known);
});
afterAll(() => doors.platform.stop());

/** Sends a request as it is; what comes back is held against the document by the harness. */
async function send({ operation, path, headers, body }: FuzzedRequest): Promise<number> {
  const answer = await doors.platform.call(operation.method.toUpperCase(), path, {
    token: path.startsWith(`/internal/v1/instances/${INSTANCE}/`) ? doors.agent : doors.admin,
    headers,
    ...(body !== undefined && { body }),
  });
  // A stream of events has no end to wait for.
  const isJson = answer.headers.get('content-type') === 'application/json';
  const received = isJson ? await answer.json() : await answer.body?.cancel();
  if (CREATED.has(answer.status)) known.learnCreated(operation.path, answer.headers.get('location'), received);
  // Keys that are listed are those of the test as well.
  else if (answer.ok && operation.id !== 'listApiKeys') known.learn(operation.path, received);
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
      const successful = new Set<string>();
      let heap = 0;
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(requests(known), async (request) => {
          const status = await send(request);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status < 400) successful.add(request.operation.id);
          if (++runs === WARM) heap = heapAfterCollection();
          expect(status).toBeLessThan(500);
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      const growth = heapAfterCollection() - heap;
      const never = OPERATIONS.map(({ id }) => id).filter((id) => !successful.has(id));
      if (IS_LONG) process.stdout.write(`${inspect({ SEED, RUNS, statuses, never, growth })}\n`);
      // Requests get somewhere: a run of refusals alone would prove little.
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 204, 400, 404]));
      expect(growth).toBeLessThan(MOST_GROWTH);
    },
    60_000 + RUNS * 100,
  );
});
