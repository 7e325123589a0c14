import { eventually } from '@handover/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CUSTOMER, INSTANCE, OTHER_INSTANCE, openDoors, type Answer, type Doors } from './src/doors/world.js';

const COLLECTION = `/internal/v1/instances/${INSTANCE}/workflows`;
const NOWHERE = '00000000-0000-4000-8000-000000000000';
const NEW = { customer_id: CUSTOMER, workflow_type: 'rent_arrears' };

let doors: Doors;
beforeAll(async () => {
  doors = await openDoors();
});
afterAll(() => doors.platform.stop());

const create = async (more: object = {}): Promise<Answer['body']> => {
  const created = await doors.send('POST', COLLECTION, doors.agent, { ...NEW, ...more });
  expect(created.body).toMatchObject({ status: 'active' });
  expect(created.status).toBe(201);
  return created.body;
};
const agent = (method: string, path: string, json?: unknown, headers?: Record<string, string>) =>
  doors.send(method, `${COLLECTION}${path}`, doors.agent, json, headers);
const dashboard = (method: string, path: string, json?: unknown) =>
  doors.send(method, `/v1/workflows${path}`, doors.dashboard, json);
const read = async (id: string): Promise<Answer['body']> => (await agent('GET', `/${id}`)).body;
const detailOf = ({ status, body }: Answer) => [status, typeof body.detail];

describe('a workflow record', () => {
  it('is created with what is given and what follows, and is a process of an ordinary scenario', async () => {
    const record = await create({ title: 'Flat 3', reference: 'flat-3', workflow_state: { months: 2, gone: null } });
    expect(record).toMatchObject({
      tenant_id: expect.stringMatching(/^acme/),
      instance_id: INSTANCE,
      ...NEW,
      title: 'Flat 3',
      reference: 'flat-3',
      stage: 'new',
      status: 'active',
      workflow_state: { months: 2 },
      escalation_level: 0,
      assigned_to: null,
      expires_at: null,
      completed_at: null,
    });
    expect(record.history).toMatchObject([
      { action: 'created', by: `agent:${INSTANCE}`, from_status: null, to_status: 'active', to_stage: 'new' },
    ]);
    expect(await read(record.id)).toEqual(record);
    const process = await doors.send('GET', `/processes/${record.id}`, doors.admin);
    expect(process.body).toMatchObject({ current: { key: 'active' }, scenario: { name: 'workflow-record' } });
    const scenarios = await doors.send('GET', '/scenarios', doors.admin);
    expect(scenarios.body).toContainEqual(expect.objectContaining({ name: 'workflow-record' }));
  });

  it('is advanced by named actions: state is merged key by key, null takes away, history tells it', async () => {
    const { id } = await create({ workflow_state: { a: { x: 1 }, b: 2, c: 3 }, title: 'kept' });
    const advanced = await agent('PATCH', `/${id}`, {
      action: 'escalated',
      stage: 'tier2',
      status: 'awaiting_approval',
      workflow_state: { a: { y: 2 }, b: null, d: 4 },
      assigned_to: 'bob',
      escalation_level: 1,
    });
    expect(advanced.status).toBe(200);
    expect(advanced.body).toMatchObject({
      title: 'kept',
      stage: 'tier2',
      status: 'awaiting_approval',
      workflow_state: { a: { y: 2 }, c: 3, d: 4 },
      assigned_to: 'bob',
      escalation_level: 1,
    });
    expect(advanced.body.history[1]).toEqual({
      action: 'escalated',
      at: advanced.body.last_action_at,
      by: `agent:${INSTANCE}`,
      from_status: 'active',
      to_status: 'awaiting_approval',
      from_stage: 'new',
      to_stage: 'tier2',
    });
    const completed = await agent('PATCH', `/${id}`, { action: 'approved', status: 'completed', assigned_to: null });
    expect(completed.body).toMatchObject({ status: 'completed', assigned_to: null, stage: 'tier2' });
    expect(completed.body.completed_at).toBe(completed.body.updated_at);
    for (const [path, json] of [
      ['', { action: 'again' }],
      ['/suspend', { step: 's' }],
      ['/resume', {}],
    ] as const) {
      expect(detailOf(await agent(path === '' ? 'PATCH' : 'POST', `/${id}${path}`, json))).toEqual([409, 'string']);
    }
    expect(detailOf(await dashboard('POST', `/${id}/abort`))).toEqual([409, 'string']);
    expect((await read(id)).history).toHaveLength(3);
  });

  it('takes null for nothing said, or for nothing any more', async () => {
    const { id } = await create({ title: 'kept', stage: null, assigned_to: 'bob', workflow_state: null });
    const none = { stage: null, status: null, workflow_state: null, escalation_level: null };
    const advanced = await agent('PATCH', `/${id}`, { action: 'nothing', ...none, assigned_to: null, title: null });
    expect(advanced).toMatchObject({
      status: 200,
      body: { stage: 'new', status: 'active', workflow_state: {}, escalation_level: 0, assigned_to: null, title: null },
    });
  });

  it('is suspended and resumed where it was, with data merged', async () => {
    const { id } = await create({ workflow_state: { a: 1, b: 1 } });
    await agent('PATCH', `/${id}`, { action: 'paused', status: 'paused' });
    const suspended = await agent('POST', `/${id}/suspend`, { step: 'landlord', payload: { asked: true } });
    expect(suspended).toMatchObject({ status: 200, body: { id, status: 'suspended' } });
    const listed = await dashboard('GET', '/suspended');
    expect(listed.body).toContainEqual(
      expect.objectContaining({
        id,
        suspended_step: 'landlord',
        suspend_payload: { asked: true },
        suspended_at: expect.any(String) as string,
      }),
    );
    expect(detailOf(await agent('PATCH', `/${id}`, { action: 'on' }))).toEqual([409, 'string']);
    expect(detailOf(await agent('POST', `/${id}/suspend`, { step: 'again' }))).toEqual([409, 'string']);
    const resumed = await dashboard('POST', `/${id}/resume`, { resume_data: { a: null, c: 3 } });
    expect(resumed).toMatchObject({ status: 200, body: { id, status: 'paused' } });
    const record = await read(id);
    expect(record).toMatchObject({ status: 'paused', workflow_state: { b: 1, c: 3 } });
    expect(record.history.at(-1)).toMatchObject({ action: 'resumed', from_status: 'suspended', to_status: 'paused' });
    expect(detailOf(await agent('POST', `/${id}/resume`, {}))).toEqual([409, 'string']);
  });

  it('takes a body without resume_data for the data', async () => {
    const { id } = await create();
    await dashboard('POST', `/${id}/suspend`, { step: 's' });
    await agent('POST', `/${id}/resume`, { answer: 42 });
    expect(await read(id)).toMatchObject({ status: 'active', workflow_state: { answer: 42 } });
  });

  it('is aborted, and stays with its history', async () => {
    const { id } = await create();
    expect(await dashboard('POST', `/${id}/abort`)).toMatchObject({ status: 200, body: { id, status: 'cancelled' } });
    const { body } = await dashboard('GET', `/${id}`);
    expect(body).toMatchObject({ status: 'cancelled', history: [{ action: 'created' }, { action: 'aborted' }] });
    expect(body.completed_at).not.toBeNull();
  });

  it('expires when its time has come, also while suspended; the time can be moved and taken away', async () => {
    const soon = () => new Date(Date.now() + 700).toISOString();
    const expiring = await create({ expires_at: soon() });
    await agent('POST', `/${expiring.id}/suspend`, { step: 's' });
    const kept = await create({ expires_at: soon() });
    expect((await agent('PATCH', `/${kept.id}`, { action: 'keep', expires_at: null })).body.expires_at).toBeNull();
    const moved = await create({ expires_at: '2099-01-01T00:00:00+01:00' });
    await agent('PATCH', `/${moved.id}`, { action: 'hurry', expires_at: soon() });
    for (const { id } of [expiring, moved]) {
      await eventually(async () => expect((await read(id)).status).toBe('expired'));
      const { history } = await read(id);
      expect(history.at(-1)).toMatchObject({ action: 'expired', by: null, to_status: 'expired' });
    }
    expect((await read(kept.id)).status).toBe('active');
  });

  it('is found by customer, type, status and reference, in pages', async () => {
    const customer_id = 'aaaaaaaa-0000-4000-8000-000000000001';
    const own = await create({ customer_id, workflow_type: 'viewing', reference: 'a ref: with/odd characters' });
    await create({ customer_id });
    await agent('PATCH', `/${own.id}`, { action: 'wait', status: 'paused' });
    const ids = async (query: string): Promise<string[]> =>
      (await agent('GET', `?customer_id=${customer_id}&${query}`)).body.workflows.map(({ id }: { id: string }) => id);
    for (const query of ['workflow_type=viewing', 'status=paused', `reference=${encodeURIComponent(own.reference)}`]) {
      expect(await ids(query)).toEqual([own.id]);
    }
    const page = await agent('GET', `?customer_id=${customer_id}&page=2&per_page=1`);
    expect(page.body).toMatchObject({ page: 2, per_page: 1, total: 2, workflows: [{ id: own.id }] });
    expect((await dashboard('GET', `?customer_id=${customer_id}&status=active`)).body.total).toBe(1);
  });
});

describe('who may not', () => {
  it('another instance’s path, or a key that is no proxy key: 403', async () => {
    const other = `/internal/v1/instances/${OTHER_INSTANCE}/workflows`;
    expect(detailOf(await doors.send('GET', other, doors.agent))).toEqual([403, 'string']);
    expect(detailOf(await doors.send('POST', other, doors.agent, NEW))).toEqual([403, 'string']);
    const global = await doors.key(['workflows:read', 'workflows:write']);
    expect(detailOf(await doors.send('GET', COLLECTION, global))).toEqual([403, 'string']);
    expect(detailOf(await doors.send('GET', '/v1/workflows', global))).toEqual([403, 'string']);
    expect(detailOf(await doors.send('GET', '/v1/workflows', doors.agent))).toEqual([403, 'string']);
  });

  it('a key that may only read: 403, and the record stays', async () => {
    const reader = await doors.key(['workflows:read'], { kind: 'proxy', instance: INSTANCE });
    const { id } = await create();
    expect((await doors.send('GET', `${COLLECTION}/${id}`, reader)).status).toBe(200);
    expect((await doors.send('GET', COLLECTION, reader)).body.total).toBeGreaterThan(0);
    expect((await doors.send('PATCH', `${COLLECTION}/${id}`, reader, { action: 'x' })).status).toBe(403);
    expect((await doors.send('POST', `/processes/${id}/advance`, reader, { action: 'x' })).status).toBe(403);
    expect((await read(id)).history).toHaveLength(1);
  });

  it('another agent’s record is not there, nor for another tenant, whatever the door', async () => {
    const { id } = await create();
    const other = `/internal/v1/instances/${OTHER_INSTANCE}/workflows`;
    for (const [method, path, json] of [
      ['GET', `/${id}`, undefined],
      ['PATCH', `/${id}`, { action: 'x' }],
      ['POST', `/${id}/suspend`, { step: 's' }],
      ['POST', `/${id}/resume`, {}],
    ] as const) {
      expect(detailOf(await doors.send(method, `${other}${path}`, doors.otherAgent, json))).toEqual([404, 'string']);
    }
    for (const [method, path, json] of [
      ['GET', '', undefined],
      ['POST', '/abort', undefined],
      ['POST', '/suspend', { step: 's' }],
      ['POST', '/resume', {}],
    ] as const) {
      const answer = await doors.send(method, `/v1/workflows/${id}${path}`, doors.rival, json);
      expect(detailOf(answer)).toEqual([404, 'string']);
    }
    expect((await doors.send('GET', '/v1/workflows', doors.rival)).body).toMatchObject({ total: 0, workflows: [] });
    // Nor may the other agent act through the engine itself.
    expect((await doors.send('POST', `/processes/${id}/advance`, doors.otherAgent, { action: 'x' })).status).toBe(403);
    expect((await read(id)).history).toHaveLength(1);
  });

  it('nobody knows: 401', async () => {
    expect(detailOf(await doors.send('GET', COLLECTION, 'nonsense'))).toEqual([401, 'string']);
  });
});

describe('a request that is not valid', () => {
  it.each([
    ['a missing member', 'POST', '', { workflow_type: 'lead' }, ['body', 'customer_id']],
    ['an unknown type', 'POST', '', { ...NEW, workflow_type: 'lunch' }, ['body', 'workflow_type']],
    ['no action', 'PATCH', `/${NOWHERE}`, {}, ['body', 'action']],
    ['an action that is too long', 'PATCH', `/${NOWHERE}`, { action: 'x'.repeat(101) }, ['body', 'action']],
    ['the status suspended', 'PATCH', `/${NOWHERE}`, { action: 'x', status: 'suspended' }, ['body', 'status']],
    ['no step', 'POST', `/${NOWHERE}/suspend`, {}, ['body', 'step']],
    ['page 0', 'GET', '?page=0', undefined, ['query', 'page']],
    ['too many on a page', 'GET', '?per_page=101', undefined, ['query', 'per_page']],
    ['an unknown status', 'GET', '?status=gone', undefined, ['query', 'status']],
    ['an id that is none', 'GET', '/17', undefined, ['path', 'id']],
  ])('%s: 422 and where', async (_, method, path, json, loc) => {
    const { status, body } = await agent(method, path, json);
    expect(status).toBe(422);
    expect(body.detail).toContainEqual({ loc, msg: expect.any(String) as string, type: expect.any(String) as string });
  });

  it('an id of nothing: 404', async () => {
    expect(detailOf(await agent('GET', `/${NOWHERE}`))).toEqual([404, 'string']);
    expect(detailOf(await dashboard('GET', `/${NOWHERE}`))).toEqual([404, 'string']);
  });
});

it('the same key again gets the first answer', async () => {
  const { id } = await create();
  const headers = { 'idempotency-key': `advance-${id}` };
  const first = await agent('PATCH', `/${id}`, { action: 'done', status: 'completed' }, headers);
  const again = await agent('PATCH', `/${id}`, { action: 'done', status: 'completed' }, headers);
  expect(again.body).toEqual(first.body);
  expect(again.body.history).toHaveLength(2);
});

it('an API key may come in a header of its own', async () => {
  const answer = await fetch(`${doors.platform.urls[0] ?? ''}/v1/workflows`, {
    headers: { 'x-api-key': doors.dashboard },
  });
  expect(answer.status).toBe(200);
});
