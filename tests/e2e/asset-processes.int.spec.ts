import { eventually } from '@handover/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoors, png, type Answer, type Doors } from './src/doors/world.js';

const NOWHERE = '00000000-0000-4000-8000-000000000000';
const CHECKED = ['Install OS', 'Configure MDM', 'Test connectivity'];

let doors: Doors;
let onboarding: string;
beforeAll(async () => {
  doors = await openDoors();
  const { body } = await operator('GET', '/processes');
  onboarding = body.data.find(({ slug }: { slug: string }) => slug === 'employee-onboarding').id;
});
afterAll(() => doors.platform.stop());

const operator = (method: string, path: string, json?: unknown, headers?: Record<string, string>) =>
  doors.send(method, `/v1${path}`, doors.operator, json, headers);
const newAsset = async (name = 'MacBook Pro 14" M3'): Promise<Answer['body']> => {
  const made = await operator('POST', '/assets', { name });
  expect(made.status).toBe(201);
  return made.body.data;
};
const start = async (process = onboarding): Promise<Answer['body']> => {
  const { id } = await newAsset();
  const started = await operator('POST', `/processes/${process}/start`, { asset_id: id });
  expect(started.status, JSON.stringify(started.body)).toBe(201);
  return started.body.data;
};
const advance = (id: string, step_data: object, headers?: Record<string, string>) =>
  operator('POST', `/processes/instances/${id}/advance`, { step_data }, headers);
const statusOf = async (asset: string): Promise<string> => (await operator('GET', `/assets/${asset}`)).body.data.status;
const codeOf = ({ status, body }: Answer): unknown[] => [status, body.code, typeof body.error];

describe('the definitions', () => {
  it('are those of the seed, and ordinary scenarios once somebody may store them', async () => {
    const { status, body } = await operator('GET', '/processes');
    expect(status).toBe(200);
    expect(body.data.find(({ id }: { id: string }) => id === onboarding)).toEqual({
      id: onboarding,
      name: 'Employee Onboarding',
      slug: 'employee-onboarding',
      description: 'Onboard a device for a new employee',
      trigger_status: 'preparing',
      target_status: 'in_use',
      is_system: true,
      steps: [
        { type: 'user_picker', key: 'assigned_user', label: 'Assigned To', required: true },
        { type: 'checklist', key: 'setup_checklist', label: 'Setup Checklist', items: CHECKED },
        { type: 'signature', key: 'handover_signature', label: 'Handover Signature' },
        { type: 'complete', key: 'confirm', label: 'Confirm handover' },
      ],
    });
    const scenarios = await doors.send('GET', '/scenarios', doors.admin);
    expect(scenarios.body).toContainEqual(expect.objectContaining({ title: 'Employee Onboarding' }));
  });

  it('can be made and deleted; instances that run go on', async () => {
    const steps = [
      { type: 'text', key: 'note', label: 'Note', pattern: '^[a-z]+$', required: false },
      { type: 'number', key: 'amount', label: 'Amount', min: 1, max: 5 },
      { type: 'date', key: 'day', label: 'Day', min: '2026-01-01' },
      { type: 'select', key: 'choice', label: 'Choice', options: ['a', 'b'] },
      { type: 'boolean', key: 'sure', label: 'Sure' },
    ];
    const made = await operator('POST', '/processes', { name: 'All kinds', steps });
    expect(made).toMatchObject({ status: 201, body: { data: { slug: 'all-kinds', is_system: false } } });
    expect(codeOf(await operator('POST', '/processes', { name: 'All kinds', steps }))).toEqual([
      409,
      'CONFLICT',
      'string',
    ]);
    const { id: process } = made.body.data;
    expect((await operator('GET', `/processes/${process}`)).body.data).toEqual(made.body.data);
    const { id } = await start(process);
    for (const wrong of [
      { note: 'NO' },
      { amount: 6 },
      { day: '2025-12-31' },
      { day: 'soon' },
      { choice: 'c' },
      { sure: 'yes' },
    ]) {
      expect(codeOf(await advance(id, wrong))).toEqual([400, 'VALIDATION_ERROR', 'string']);
    }
    expect((await operator('DELETE', `/processes/${process}`)).status).toBe(204);
    expect((await operator('GET', `/processes/${process}`)).status).toBe(404);
    const { id: asset } = await newAsset();
    expect((await operator('POST', `/processes/${process}/start`, { asset_id: asset })).status).toBe(404);
    expect((await advance(id, {})).body.data).toMatchObject({ current_step: 1, process_name: 'All kinds' });
    const rest = { amount: 2, day: '2026-02-03', choice: 'a', sure: false };
    for (let step = 2; step <= 5; step++) expect((await advance(id, rest)).body.data.current_step).toBe(step);
    expect((await operator('GET', `/processes/instances/${id}`)).body.data.status).toBe('completed');
  });

  it('of the system cannot be deleted, and those that are not valid cannot be made', async () => {
    expect(codeOf(await operator('DELETE', `/processes/${onboarding}`))).toEqual([409, 'CONFLICT', 'string']);
    const step = { type: 'text', key: 'a', label: 'A' };
    for (const steps of [
      [],
      [step, step],
      [{ ...step, type: 'dance' }],
      [{ ...step, pattern: '(' }],
      [{ ...step, key: 'initial' }],
    ]) {
      const refused = await operator('POST', '/processes', { name: 'Wrong', steps });
      expect(codeOf(refused)).toEqual([400, 'VALIDATION_ERROR', 'string']);
      expect(refused.body.details.length).toBeGreaterThan(0);
    }
  });
});

describe('an instance', () => {
  it('is walked through step by step, takes the asset with it, and ends as the engine’s process does', async () => {
    const { id, asset_id: asset, ...shown } = await start();
    expect(shown).toMatchObject({
      process_id: onboarding,
      status: 'in_progress',
      current_step: 0,
      step_data: {},
      process_name: 'Employee Onboarding',
      asset_name: 'MacBook Pro 14" M3',
      asset_tag: expect.stringMatching(/^USL-\d{5}$/) as string,
      completed_at: null,
    });
    expect(await statusOf(asset)).toBe('preparing');
    // As the seed prints it: the values of three steps at once.
    const all = { assigned_user: 'user-id', setup_checklist: CHECKED, handover_signature: png(3, 2) };
    expect((await advance(id, all)).body.data).toMatchObject({ current_step: 1, step_data: all });
    for (const step of [2, 3]) expect((await advance(id, {})).body.data.current_step).toBe(step);
    const done = await advance(id, {});
    expect(done.body.data).toMatchObject({ status: 'completed', current_step: 4 });
    expect(done.body.data.completed_at).not.toBeNull();
    expect(await statusOf(asset)).toBe('in_use');
    expect(codeOf(await advance(id, {}))).toEqual([409, 'CONFLICT', 'string']);
    const process = await doors.send('GET', `/processes/${id}`, doors.admin);
    expect(process.body).toMatchObject({ isRunning: false, current: { key: '(completed)' } });
    expect((await doors.send('GET', `/processes/${id}/verify`, doors.admin)).body.valid).toBe(true);
  });

  it.each([
    ['an unknown key', { lunch: 1 }],
    ['a value of another type', { assigned_user: 7 }],
    ['an item that is not on the list', { setup_checklist: [...CHECKED, 'Make coffee'] }],
    ['a list that is not complete', { setup_checklist: ['Install OS'] }],
    ['a picture that is none', { handover_signature: 'data:image/png;base64,AAAA' }],
    ['a picture of another kind', { handover_signature: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=' }],
    ['a picture that says more than it holds', { handover_signature: png().replace('AAAAB', 'AAAAC') }],
    ['a picture that unpacks too far', { handover_signature: png(3_000, 3_000) }],
    ['a value where none is taken', { confirm: true }],
  ])('refuses %s and keeps nothing', async (_, wrong) => {
    const { id } = await start();
    const refused = await advance(id, { assigned_user: 'bob', ...wrong });
    expect(codeOf(refused)).toEqual([400, 'VALIDATION_ERROR', 'string']);
    expect(refused.body.details[0].field).toContain('step_data.');
    const { body } = await operator('GET', `/processes/instances/${id}`);
    expect(body.data).toMatchObject({ current_step: 0, step_data: {} });
  });

  it('waits for the value of its step', async () => {
    const { id } = await start();
    const refused = await advance(id, { setup_checklist: CHECKED });
    expect(codeOf(refused)).toEqual([400, 'VALIDATION_ERROR', 'string']);
    expect(refused.body.details).toEqual([{ field: 'step_data.assigned_user', message: expect.any(String) as string }]);
  });

  it('is one at a time per definition and asset, also when two start at once', async () => {
    const { id } = await newAsset();
    const starts = await Promise.all(
      [1, 2, 3].map(() => operator('POST', `/processes/${onboarding}/start`, { asset_id: id })),
    );
    expect(starts.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('is cancelled, and leaves the asset as it is', async () => {
    const { id, asset_id: asset } = await start();
    await advance(id, { assigned_user: 'bob' });
    const cancelled = await operator('POST', `/processes/instances/${id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { data: { status: 'cancelled', current_step: 1 } } });
    expect(codeOf(await operator('POST', `/processes/instances/${id}/cancel`))).toEqual([409, 'CONFLICT', 'string']);
    expect(codeOf(await advance(id, {}))).toEqual([409, 'CONFLICT', 'string']);
    expect(await statusOf(asset)).toBe('preparing');
    expect((await operator('POST', `/processes/${onboarding}/start`, { asset_id: asset })).status).toBe(201);
  });

  it('the same key again gets the first answer, of a start and of an advance', async () => {
    const { id: asset } = await newAsset();
    const started = await Promise.all(
      [1, 2].map(() =>
        operator(
          'POST',
          `/processes/${onboarding}/start`,
          { asset_id: asset },
          { 'idempotency-key': `start-${asset}` },
        ),
      ),
    );
    expect(started.map(({ status }) => status)).toEqual([201, 201]);
    expect(started[1]?.body).toEqual(started[0]?.body);
    const [{ body: made } = { body: undefined }] = started;
    const { id } = made.data;
    const all = { assigned_user: 'bob', setup_checklist: CHECKED };
    const first = await advance(id, all, { 'idempotency-key': `advance-${id}` });
    const again = await advance(id, all, { 'idempotency-key': `advance-${id}` });
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
  });

  it('is listed by status, asset and definition, in pages', async () => {
    const { id, asset_id: asset } = await start();
    const list = async (query: string) => (await operator('GET', `/processes/instances?${query}`)).body;
    for (const query of ['', '&status=in_progress', `&process_id=${onboarding}`]) {
      expect((await list(`asset_id=${asset}${query}`)).data).toMatchObject([{ id, asset_id: asset, current_step: 0 }]);
    }
    expect(await list(`asset_id=${asset}&status=completed`)).toEqual({
      data: [],
      meta: { total: 0, page: 1, limit: 20, total_pages: 0 },
    });
    expect((await list('limit=1&page=2')).meta).toMatchObject({ page: 2, limit: 1 });
    expect(codeOf(await operator('GET', '/processes/instances?status=lost'))).toEqual([
      400,
      'VALIDATION_ERROR',
      'string',
    ]);
  });
});

describe('the status of an asset', () => {
  it('follows the process when it is completed through another door', async () => {
    const { id, asset_id: asset } = await start();
    await advance(id, { assigned_user: 'bob', setup_checklist: CHECKED, handover_signature: png() });
    for (let n = 0; n < 3; n++) {
      const stepped = await doors.send('POST', `/processes/${id}/advance`, doors.admin, { step_data: {} });
      expect(stepped.status).toBe(204);
    }
    await eventually(async () => expect(await statusOf(asset)).toBe('in_use'));
  });

  it('is what was said last', async () => {
    const { asset_id: asset } = await start();
    expect((await operator('PATCH', `/assets/${asset}`, { status: 'lost' })).body.data.status).toBe('lost');
    expect(await statusOf(asset)).toBe('lost');
  });
});

describe('assets', () => {
  it('have tags of their own, and are found by a part of name or tag, and by status', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, (_, n) => newAsset(`Odd 100%_${n}`)));
    expect(new Set(made.map(({ asset_tag: tag }) => tag)).size).toBe(5);
    const found = await operator('GET', `/assets?q=${encodeURIComponent('odd 100%_')}&limit=2&page=3`);
    expect(found.body).toMatchObject({ meta: { total: 5, page: 3, limit: 2, total_pages: 3 } });
    expect(found.body.data).toHaveLength(1);
    expect((await operator('GET', `/assets?q=${made[2].asset_tag}`)).body.data).toEqual([made[2]]);
    const changed = await operator('PATCH', `/assets/${made[0].id}`, { name: 'Renamed', custom_fields: { ram: 32 } });
    expect(changed.body.data).toMatchObject({ name: 'Renamed', custom_fields: { ram: 32 }, status: 'available' });
  });
});

describe('who may not', () => {
  it('ids of another tenant are nowhere to be found', async () => {
    const { id, asset_id: asset } = await start();
    const made = await operator('POST', '/processes', {
      name: `Private ${id}`,
      steps: [{ type: 'boolean', key: 'a', label: 'A' }],
    });
    const process = made.body.data.id as string;
    for (const [method, path, json] of [
      ['GET', `/processes/${process}`, undefined],
      ['DELETE', `/processes/${process}`, undefined],
      ['POST', `/processes/${process}/start`, { asset_id: asset }],
      ['GET', `/processes/instances/${id}`, undefined],
      ['POST', `/processes/instances/${id}/advance`, { step_data: {} }],
      ['POST', `/processes/instances/${id}/cancel`, undefined],
      ['GET', `/assets/${asset}`, undefined],
      ['PATCH', `/assets/${asset}`, { name: 'Mine' }],
    ] as const) {
      const answer = await doors.send(method, `/v1${path}`, doors.rival, json);
      expect([path, ...codeOf(answer)]).toEqual([path, 404, 'NOT_FOUND', 'string']);
    }
    expect((await doors.send('GET', `/v1/processes/instances`, doors.rival)).body.meta.total).toBe(0);
    expect((await doors.send('GET', `/v1/assets`, doors.rival)).body.meta.total).toBe(0);
  });

  it('a key that may only read moves nothing, through no door', async () => {
    const reader = await doors.key(['processes:read']);
    const { id } = await start();
    expect((await doors.send('GET', `/v1/processes/instances/${id}`, reader)).status).toBe(200);
    expect((await doors.send('GET', '/v1/processes/instances', reader)).body.meta.total).toBeGreaterThan(0);
    expect(codeOf(await doors.send('POST', `/v1/processes/instances/${id}/cancel`, reader))).toEqual([
      403,
      'FORBIDDEN',
      'string',
    ]);
    expect((await doors.send('POST', `/processes/${id}/cancel`, reader)).status).toBe(403);
    expect((await doors.send('GET', '/v1/assets', reader)).status).toBe(403);
  });

  it('unknown ids are 404, unknown callers 401, and every answer tells the rate', async () => {
    expect(codeOf(await operator('POST', `/processes/${NOWHERE}/start`, { asset_id: NOWHERE }))).toEqual([
      404,
      'NOT_FOUND',
      'string',
    ]);
    expect(codeOf(await operator('GET', '/assets/17'))).toEqual([404, 'NOT_FOUND', 'string']);
    expect(codeOf(await doors.send('GET', '/v1/processes', 'nonsense'))).toEqual([401, 'UNAUTHORIZED', 'string']);
    const { headers } = await operator('GET', '/processes');
    expect(Number(headers.get('x-ratelimit-limit'))).toBeGreaterThan(0);
    expect(Number(headers.get('x-ratelimit-remaining'))).toBeGreaterThan(0);
    expect(Number(headers.get('x-ratelimit-reset'))).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1_000));
  });
});
