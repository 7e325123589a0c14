import { ERRORS, HandoverError, toProblem, type Operation } from '@handover/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSES, openDoorsOver } from './src/doors/buses.js';
import { FAILURES } from './src/doors/failures/index.js';
import { furnish, type Furniture } from './src/doors/furniture.js';
import { DOOR_OPERATIONS, SAMPLES, addressOf, sendParts, type Parts, type Sample } from './src/doors/samples.js';
import { INSTANCE, type Doors } from './src/doors/world.js';

const BODY_LIMIT = 1_048_576;
const each = DOOR_OPERATIONS.map((operation) => ({ id: operation.id, operation }));
function sampleOf({ id }: Operation): Sample {
  const sample = SAMPLES[id];
  if (!sample) throw new Error(`${id} has no sample`);
  return sample;
}
const succeeds = ({ answers }: Operation): number => Number(Object.keys(answers)[0]);

/** The status with which a surface says that something went wrong. */
function statusOf({ surface }: Operation, code: keyof typeof ERRORS): number {
  const problem = toProblem(new HandoverError(code, ERRORS[code].title));
  return surface.failure.status?.(problem) ?? problem.status;
}

describe('the table', () => {
  it('has a sample of every operation, and nothing else', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(DOOR_OPERATIONS.map(({ id }) => id).sort());
  });

  it.each(each)('has every failure of $id', ({ id, operation }) => {
    const own = new Set(operation.errors.map((code) => statusOf(operation, code)));
    if (operation.query) own.add(statusOf(operation, 'invalid_request'));
    const tried = new Set((FAILURES[id] ?? []).map(([, status]) => status));
    expect([...own].filter((status) => !tried.has(status))).toEqual([]);
  });
});

describe.each(BUSES)('over %s', (bus) => {
  let doors: Doors;
  let furniture: Furniture;
  let close: () => Promise<void>;
  let stranger: string;
  let rivalAgent: string;

  beforeAll(async () => {
    ({ doors, close } = await openDoorsOver(bus));
    furniture = furnish(doors);
    stranger = await doors.key(['process:read', 'process:step', 'process:start', 'scenario:read']);
    const proxy = { kind: 'proxy', instance: INSTANCE };
    rivalAgent = await doors.key(['workflows:read', 'workflows:write'], proxy, doors.rival);
  });
  afterAll(() => close());

  describe.each(each)('$id', ({ id, operation }) => {
    const { as, parts, elsewhere } = sampleOf(operation);
    const send = (made: Parts, token = doors[as]) => sendParts(doors, operation, made, token);

    it('does what it is for', async () => {
      const answer = await send(await parts(furniture));
      expect(answer.status, JSON.stringify(answer.body)).toBe(succeeds(operation));
    });

    it('asks who is calling, and what they may', async () => {
      const made = await parts(furniture);
      expect((await send(made, 'nonsense')).status).toBe(401);
      expect((await send(made, stranger)).status).toBe(403);
    });

    it('shows and does nothing to another tenant', async () => {
      const made = await parts(furniture);
      const answer = await send(made, as === 'agent' ? rivalAgent : doors.rival);
      expect(answer.status).toBe(elsewhere === 'hidden' ? 404 : succeeds(operation));
      const shown = new Set(idsIn(answer.body));
      const ours = elsewhere === 'empty' ? idsIn((await send(made)).body) : [];
      expect(ours.filter((one) => shown.has(one))).toEqual([]);
      // It is as it was for those it belongs to.
      if (elsewhere === 'hidden') expect((await send(made)).status).toBe(succeeds(operation));
    });

    if (operation.body)
      it('refuses a body it cannot read, or that is too large', async () => {
        const address = addressOf(operation, await parts(furniture));
        const post = async (body: string, type: string) => {
          const options = { token: doors[as], body, headers: { 'content-type': type } };
          const answer = await doors.platform.call(operation.method.toUpperCase(), address, options);
          await answer.body?.cancel();
          return answer.status;
        };
        expect(await post('{', 'application/json')).toBe(statusOf(operation, 'malformed_body'));
        expect(await post('a,b', 'text/csv')).toBe(statusOf(operation, 'unsupported_media_type'));
        expect(await post(' '.repeat(BODY_LIMIT + 1), 'application/json')).toBe(413);
      });

    it.each(FAILURES[id] ?? [])('refuses %s: %i', async (_, status, body, wrong) => {
      const answer = await send(await wrong(furniture));
      expect(answer).toMatchObject({ status, body });
    });
  });
});

/** The ids of all that a body shows. */
function idsIn(body: unknown): string[] {
  return [...JSON.stringify(body ?? null).matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id);
}
