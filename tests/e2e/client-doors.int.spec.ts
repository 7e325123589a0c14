import { createClient, type Client } from '@handover/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKLIST, NEW_RECORD, furnish } from './src/doors/furniture.js';
import { DOOR_OPERATIONS } from './src/doors/samples.js';
import { INSTANCE, openDoors, type Doors } from './src/doors/world.js';

let doors: Doors;
/** Method and path of everything that was sent. */
const sent: string[] = [];
const noting: typeof fetch = (input, init) => {
  sent.push(`${init?.method} ${new URL(input).pathname}`);
  return fetch(input, init);
};
const client = (token: string): Client => createClient({ url: doors.platform.urls[0] ?? '', token, fetch: noting });

beforeAll(async () => {
  doors = await openDoors();
});
afterAll(() => doors.platform.stop());

/** What is written here is checked by the compiler: every route of the doors takes and answers what its contract says. */
describe('the typed client', () => {
  it('walks through an asset’s process', async () => {
    const { assets, assetProcesses } = client(doors.operator);
    const { body: made } = await assets.create({ body: { name: 'MacBook', custom_fields: { ram: 32 } } });
    const asset = made.data;
    const { body: found } = await assets.list({ query: { q: asset.asset_tag, limit: 1 } });
    expect(found.meta.total).toBe(1);
    await assets.change({ params: { id: asset.id }, body: { name: 'MacBook Pro' } });

    const steps = [{ type: 'select' as const, key: 'colour', label: 'Colour', options: ['grey', 'black'] }];
    const { body: own } = await assetProcesses.createDefinition({ body: { name: 'Paint', steps } });
    const { body: read } = await assetProcesses.getDefinition({ params: { id: own.data.id } });
    expect(read.data.slug).toBe('paint');
    const started = await assetProcesses.start({
      params: { process_id: own.data.id },
      body: { asset_id: asset.id },
    });
    expect(started.headers.Location).toBe(`/v1/processes/instances/${started.body.data.id}`);
    const params = { instance_id: started.body.data.id };
    await assetProcesses.advance({ params, body: { step_data: { colour: 'grey' } } });
    const { body: done } = await assetProcesses.getInstance({ params: { id: params.instance_id } });
    expect(done.data.status).toBe('completed');
    await assetProcesses.deleteDefinition({ params: { id: own.data.id } });

    const { body: definitions } = await assetProcesses.listDefinitions();
    const onboarding = definitions.data.find(({ slug }) => slug === 'employee-onboarding')?.id ?? '';
    const { body: other } = await assetProcesses.start({
      params: { process_id: onboarding },
      body: { asset_id: asset.id },
    });
    const wrong = { step_data: { assigned_user: 'bob', setup_checklist: CHECKLIST.slice(1) } };
    await expect(assetProcesses.advance({ params: { instance_id: other.data.id }, body: wrong })).rejects.toMatchObject(
      { code: 'invalid_request', errors: [{ pointer: '/step_data/setup_checklist' }] },
    );
    await assetProcesses.cancel({ params: { instance_id: other.data.id } });
    const { body: listed } = await assetProcesses.listInstances({ query: { asset_id: asset.id, status: 'cancelled' } });
    expect(listed.data.map(({ id }) => id)).toEqual([other.data.id]);
    expect((await assets.get({ params: { id: asset.id } })).body.data.status).toBe('preparing');
  });

  it('keeps a workflow record, as an agent and as an admin', async () => {
    const { workflowRecords: records } = client(doors.agent);
    const { workflowDashboard: dashboard } = client(doors.dashboard);
    const room = { instance_id: INSTANCE };
    const { body: record } = await records.create({
      params: room,
      body: { customer_id: NEW_RECORD.customer_id, workflow_type: 'lead', workflow_state: { calls: 0 } },
    });
    const params = { ...room, id: record.id };
    await records.advance({ params, body: { action: 'called', workflow_state: { calls: 1 } } });
    await records.suspend({ params, body: { step: 'offer', payload: { sent: true } } });
    const { body: suspended } = await dashboard.suspended();
    expect(suspended.find(({ id }) => id === record.id)?.suspended_step).toBe('offer');
    await records.resume({ params, body: { resume_data: { accepted: true } } });
    expect((await records.get({ params })).body.workflow_state).toEqual({ calls: 1, accepted: true });
    expect((await records.list({ params: room, query: { workflow_type: 'lead' } })).body.total).toBe(1);

    const one = { id: record.id };
    expect((await dashboard.suspend({ params: one, body: { step: 'review' } })).body.status).toBe('suspended');
    expect((await dashboard.resume({ params: one, body: {} })).body.status).toBe('active');
    expect((await dashboard.abort({ params: one })).body.status).toBe('cancelled');
    await expect(records.advance({ params, body: { action: 'called' } })).rejects.toMatchObject({
      code: 'state_conflict',
      message: 'The workflow is cancelled: it cannot be advanced',
    });
    expect((await dashboard.get({ params: one })).body.history.at(-1)?.action).toBe('aborted');
    expect((await dashboard.list({ query: { status: 'cancelled' } })).body.workflows).toHaveLength(1);
  });

  it('runs a workflow for a case', async () => {
    const { caseWorkflows: api } = client(doors.backend);
    const workflowDefinitionId = await furnish(doors).parameterised();
    const { body: subject } = await api.createCase({ body: { firstName: 'Ada', personalNumber: '1' } });
    expect((await api.getCase({ params: { caseId: subject.caseId } })).body.partyId).toBe(subject.partyId);
    const parameters = { param0: 0, param1: 1.2222, param2: true, param3: 'text' };
    const { body: set } = await api.createParameters({ body: { workflowDefinitionId, parameters } });
    const { body: run } = await api.run({
      body: { caseId: subject.caseId, workflowDefinitionId, parametersId: set.id },
    });
    const params = { workflowId: run.id };
    expect((await api.status({ params, query: { wait: 1 } })).body.status).toBe('COMPLETED');
    expect((await api.result({ params })).body.workflowDefinitionId).toBe(workflowDefinitionId);
    await expect(
      api.createParameters({ body: { workflowDefinitionId, parameters: { lunch: 1 } } }),
    ).rejects.toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/parameters/lunch' }] });
  });

  it('was used for every route of the doors', () => {
    const unused = DOOR_OPERATIONS.filter(({ method, path }) => {
      const pattern = new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
      return !sent.some((request) => pattern.test(request));
    });
    expect(unused.map(({ id }) => id)).toEqual([]);
  });
});
