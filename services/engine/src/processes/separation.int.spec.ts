import { getProcess } from '@handover/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { read } from './read-process.js';
import { start } from './start-process.js';
import { performStep } from './step-process.js';

const APPROVAL = `
actors: { author: { role: staff }, approver: { role: staff } }
actions:
  submit: { actor: author }
  approve: { actor: approver, not_by: submit }
  publish: { actor: [author, approver], not_by: [approver] }
states:
  initial:
    transitions:
      - { on: submit, goto: ~ }
      - { on: approve, goto: ~ }
      - { on: publish, goto: ~ }
`;

let engine: EngineInHand;
let replica: Replica;
let scenario: string;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  scenario = await engine.store('acme', APPROVAL);
});
afterAll(() => engine.close());

const staff = (id: string) => user(id, { roles: ['staff'] });
const begin = async (): Promise<string> => String((await start(replica, { scenario }, staff('ann'))).process.id);
const act = (process: string, action: string, by: ReturnType<typeof user>, actor?: string) =>
  performStep(replica.writes, { process, action, representation: false, ...(actor !== undefined && { actor }) }, by);

describe('one who did the one thing', () => {
  it('cannot do the other, and another can', async () => {
    const process = await begin();
    await act(process, 'submit', staff('ann'));
    await expect(act(process, 'approve', staff('ann'))).rejects.toMatchObject({ code: 'forbidden' });
    await act(process, 'approve', staff('bob'));
  });

  it('cannot do it as another actor either', async () => {
    const process = await begin();
    await act(process, 'submit', staff('ann'));
    const refused = act(process, 'approve', staff('ann'), 'approver');
    await expect(refused).rejects.toThrow("Not allowed to perform action 'approve' after 'submit'");
  });

  it('cannot do it the other way round', async () => {
    const process = await begin();
    await act(process, 'approve', staff('bob'));
    await expect(act(process, 'submit', staff('bob'))).rejects.toMatchObject({ code: 'forbidden' });
    await act(process, 'submit', staff('ann'));
  });

  it('cannot do it with a key of theirs', async () => {
    const process = await begin();
    await act(process, 'submit', staff('ann'));
    const key = user('ann', { roles: ['staff'], kind: 'key', key: { id: 'k1', kind: 'user' } });
    await expect(act(process, 'approve', key)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('leaves no trace when refused, and what was refused counts for nothing', async () => {
    const process = await begin();
    await act(process, 'submit', staff('ann'));
    await act(process, 'approve', staff('ann')).catch(() => undefined);
    const whole = await read(replica, getProcess.body.parse({ id: process }), staff('ann'));
    expect(whole.process.events).toHaveLength(2);
  });
});

describe('one who acted as an actor', () => {
  it('cannot do what is not for that actor’s player, as whatever other actor', async () => {
    const process = await begin();
    await act(process, 'approve', staff('bob'));
    await expect(act(process, 'publish', staff('bob'), 'author')).rejects.toMatchObject({ code: 'forbidden' });
    await act(process, 'publish', staff('ann'), 'author');
  });
});

describe('a scenario', () => {
  it.each(['sumbit', '[submit, sumbit]', '[]', '7'])(
    'that separates from nothing there is (%s) is refused',
    async (name) => {
      const stored = engine.store('acme', APPROVAL.replace('not_by: submit', `not_by: ${name}`));
      await expect(stored).rejects.toMatchObject({
        code: 'invalid_scenario',
        errors: [{ pointer: '/actions/approve/not_by' }],
      });
    },
  );
});
