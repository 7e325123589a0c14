import { eventually } from '@handover/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECORDS, furnish, onboardingData, type Furniture } from './src/doors/furniture.js';
import { gate } from './src/doors/gate.js';
import { openDoors, type Answer, type Doors } from './src/doors/world.js';

/** Each race is run so many times; RACES says otherwise. */
const ROUNDS = Number(process.env.RACES ?? 10);
const rounds = Array.from({ length: ROUNDS }, (_, n) => n);

let doors: Doors;
let furniture: Furniture;
const steps = gate();

beforeAll(async () => {
  doors = await openDoors({ wire: steps.wire });
  furniture = furnish(doors);
});
afterAll(() => doors.platform.stop());

interface Entry {
  readonly action: string;
  readonly from_status: string;
  readonly to_status: string;
}
interface Contender {
  readonly name: string;
  readonly send: (id: string) => Promise<Answer>;
}

const agent = (method: string, path: string, json?: unknown) =>
  doors.send(method, `${RECORDS}/${path}`, doors.agent, json);
const historyOf = async (id: string): Promise<Entry[]> => (await agent('GET', id)).body.history;
const advance = (action: string): Contender => ({ name: action, send: (id) => agent('PATCH', id, { action }) });
const suspend: Contender = { name: 'suspended', send: (id) => agent('POST', `${id}/suspend`, { step: 's' }) };
const resume: Contender = { name: 'resumed', send: (id) => agent('POST', `${id}/resume`, { asked: true }) };
const abort: Contender = {
  name: 'aborted',
  send: (id) => doors.send('POST', `/v1/workflows/${id}/abort`, doors.dashboard),
};

/** Has two do something to a record at once, in either order. @returns who won */
async function race(id: string, contenders: readonly [Contender, Contender], round: number): Promise<Contender> {
  const before = await historyOf(id);
  steps.together(2);
  const entered = round % 2 === 0 ? contenders : [...contenders].reverse();
  const answers = await Promise.all(entered.map(async (one) => ({ one, ...(await one.send(id)) })));
  const [winner, ...others] = answers.filter(({ status }) => status === 200);
  const [loser] = answers.filter(({ status }) => status !== 200);
  expect(others).toEqual([]);
  expect(loser).toMatchObject({ status: 409, body: { detail: 'The workflow was changed at the same time' } });
  // One thing happened, and it is what the winner did.
  const happened = (await historyOf(id)).slice(before.length);
  expect(happened.map(({ action }) => action)).toEqual([winner?.one.name]);
  const verified = await doors.send('GET', `/processes/${id}/verify`, doors.admin);
  expect(verified.body).toMatchObject({ valid: true });
  return winner?.one ?? contenders[0];
}

describe('of two at once one wins, the other is told so, and history shows one truth:', () => {
  it('two advances of a workflow', async () => {
    for (const round of rounds) {
      const { id } = await furniture.record();
      await race(id, [advance('one'), advance('two')], round);
    }
  });

  it('suspend against advance', async () => {
    for (const round of rounds) {
      const { id } = await furniture.record();
      const { name } = await race(id, [suspend, advance('on')], round);
      expect((await agent('GET', id)).body.status).toBe(name === 'suspended' ? 'suspended' : 'active');
    }
  });

  it('abort against resume', async () => {
    for (const round of rounds) {
      const { id } = await furniture.suspended();
      const { name } = await race(id, [abort, resume], round);
      const { status, workflow_state: state } = (await agent('GET', id)).body;
      expect([status, state]).toEqual(name === 'aborted' ? ['cancelled', {}] : ['active', { asked: true }]);
    }
  });

  it('two advances of an asset’s process', async () => {
    const { id: onboarding } = await furniture.onboarding();
    for (const _ of rounds) {
      const { id } = await furniture.instance(onboarding);
      steps.together(2);
      const path = `/v1/processes/instances/${id}`;
      const answers = await Promise.all(
        ['ann', 'bob'].map((assigned_user) =>
          doors.send('POST', `${path}/advance`, doors.operator, { step_data: { assigned_user } }),
        ),
      );
      const [winner, ...others] = answers.filter(({ status }) => status === 200);
      const [loser] = answers.filter(({ status }) => status !== 200);
      expect(others).toEqual([]);
      expect(loser).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
      expect((await doors.send('GET', path, doors.operator)).body).toEqual(winner?.body);
      expect(winner?.body.data.current_step).toBe(1);
    }
  });

  it('two advances under one key are one', async () => {
    const { id: onboarding } = await furniture.onboarding();
    for (const _ of rounds) {
      const { id } = await furniture.instance(onboarding);
      const path = `/v1/processes/instances/${id}`;
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const json = { step_data: onboardingData() };
      const send = () => doors.send('POST', `${path}/advance`, doors.operator, json, headers);
      steps.together(2);
      const answers = await Promise.all([send(), send()]);
      const shown = await doors.send('GET', path, doors.operator);
      expect(shown.body.data.current_step).toBe(1);
      const told = answers.filter(({ status }) => status === 200);
      expect(told.length).toBeGreaterThan(0);
      for (const { body } of told) expect(body).toEqual(shown.body);
      for (const { status, body } of answers)
        if (status !== 200) expect([status, body.code]).toEqual([409, 'CONFLICT']);
    }
  });

  it('expiry against advance', async () => {
    const wins = { advance: 0, expiry: 0 };
    for (const _ of rounds) {
      const expires = new Date(Date.now() + 80);
      const { id } = await furniture.record({ expires_at: expires.toISOString() });
      // The advance was decided on before the time came, and gets to the engine as it comes.
      steps.until(expires);
      const { status, body } = await advance('on').send(id);
      if (status !== 200) expect([status, typeof body.detail]).toEqual([409, 'string']);
      await eventually(async () => expect((await agent('GET', id)).body.status).toBe('expired'));
      const did = (await historyOf(id)).map(({ action }) => action);
      expect(did).toEqual(['created', ...(status === 200 ? ['on'] : []), 'expired']);
      wins[status === 200 ? 'advance' : 'expiry'] += 1;
    }
    expect(wins.advance + wins.expiry).toBe(ROUNDS);
  });
});
