import {
  HandoverError,
  workflowDashboardOperations as dashboard,
  workflowRecordOperations as internal,
  type Privilege,
  type WorkflowRecord,
} from '@handover/contracts';
import { requirePrivilege } from '@handover/runtime';
import type { Caller } from '../../http/context.js';
import { implement, type Implementation } from '../../http/operation.js';
import { startOf, type Ask } from '../built-in.js';
import { recordOf } from './record.js';
import { findRecord, listRecords, moveRecord, type Desk } from './records.js';
import { WORKFLOW_RECORD } from './scenario.js';

/** Suspended records a tenant's dashboard shows at once. */
const MOST_SUSPENDED = 1_000;
const PAGE = 100;

/** `/internal/v1/instances/{instance_id}/workflows` for agents, `/v1/workflows` for the tenant's admins. */
export const workflowRecords: readonly Implementation[] = [
  implement(internal.list, async ({ caller, ask, params, query: { page, per_page: limit, ...filter } }) => {
    const desk = agentDesk(caller, ask, params.instance_id, 'workflows:read');
    const { total, records } = await listRecords(desk, filter, { page, limit });
    return { status: 200, body: { page, per_page: limit, total, workflows: records.map(({ record }) => record) } };
  }),

  implement(internal.create, async ({ caller, ask, params: { instance_id: instance }, body }) => {
    const { principal } = agentDesk(caller, ask, instance, 'workflows:write');
    const agent = { id: principal.id };
    const { process } = await startOf(WORKFLOW_RECORD, ask, {
      actors: { agent, observer: agent },
      action: { key: 'create', response: body },
    });
    const created = recordOf(process, principal.tenant);
    if (!created) throw new Error('what was created is no record');
    const location = `/internal/v1/instances/${instance}/workflows/${created.record.id}`;
    return { status: 201, body: created.record, headers: { Location: location } };
  }),

  implement(internal.get, async ({ caller, ask, params: { instance_id: instance, id } }) => {
    const { record } = await findRecord(agentDesk(caller, ask, instance, 'workflows:read'), id);
    return { status: 200, body: record };
  }),

  implement(internal.advance, async ({ caller, ask, params: { instance_id: instance, id }, body, headers }) => {
    const desk = agentDesk(caller, ask, instance, 'workflows:write');
    return {
      status: 200,
      body: await moveRecord(desk, id, { action: 'advance', response: body }, isRepeatable(headers)),
    };
  }),

  implement(internal.suspend, async ({ caller, ask, params: { instance_id: instance, id }, body, headers }) =>
    suspended(agentDesk(caller, ask, instance, 'workflows:write'), id, body, isRepeatable(headers)),
  ),

  implement(internal.resume, async ({ caller, ask, params: { instance_id: instance, id }, body, headers }) =>
    resumed(agentDesk(caller, ask, instance, 'workflows:write'), id, body, isRepeatable(headers)),
  ),

  implement(dashboard.list, async ({ caller, ask, query: { page, per_page: limit, ...filter } }) => {
    const { total, records } = await listRecords(adminDesk(caller, ask), filter, { page, limit });
    return { status: 200, body: { page, per_page: limit, total, workflows: records.map(({ record }) => record) } };
  }),

  implement(dashboard.suspended, async ({ caller, ask }) => {
    const desk = adminDesk(caller, ask);
    const body = [];
    for (let page = 1, more = true; more && body.length < MOST_SUSPENDED; page++) {
      const { total, records } = await listRecords(desk, { status: 'suspended' }, { page, limit: PAGE });
      body.push(...records.flatMap(({ record, suspension }) => (suspension ? [{ ...record, ...suspension }] : [])));
      more = page * PAGE < total;
    }
    return { status: 200, body };
  }),

  implement(dashboard.get, async ({ caller, ask, params: { id } }) => {
    const { record } = await findRecord(adminDesk(caller, ask), id);
    return { status: 200, body: record };
  }),

  implement(dashboard.abort, async ({ caller, ask, params: { id }, headers }) => {
    const record = await moveRecord(adminDesk(caller, ask), id, { action: 'abort' }, isRepeatable(headers));
    return moved(record, 'Aborted');
  }),

  implement(dashboard.resume, async ({ caller, ask, params: { id }, body, headers }) =>
    resumed(adminDesk(caller, ask), id, body, isRepeatable(headers)),
  ),

  implement(dashboard.suspend, async ({ caller, ask, params: { id }, body, headers }) =>
    suspended(adminDesk(caller, ask), id, body, isRepeatable(headers)),
  ),
];

/** An agent's proxy key speaks for its own instance. @throws HandoverError `forbidden` */
function agentDesk({ principal }: Caller, ask: Ask, instance: string, privilege: Privilege): Desk {
  requirePrivilege(principal, privilege);
  const own = principal.key?.kind === 'proxy' ? principal.key.instance : undefined;
  if (own?.toLowerCase() !== instance) {
    throw new HandoverError('forbidden', 'This needs the proxy key of the agent instance');
  }
  return { ask, principal, instance: own };
}

function adminDesk({ principal }: Caller, ask: Ask): Desk {
  requirePrivilege(principal, 'workflows:admin');
  return { ask, principal };
}

const isRepeatable = (headers: { readonly 'Idempotency-Key'?: string | undefined }): boolean =>
  headers['Idempotency-Key'] !== undefined;

async function suspended(desk: Desk, id: string, body: { step: string; payload?: unknown }, repeatable: boolean) {
  const record = await moveRecord(desk, id, { action: 'suspend', response: body }, repeatable);
  return moved(record, `Suspended at step '${body.step}'`);
}

async function resumed(desk: Desk, id: string, data: Record<string, unknown>, repeatable: boolean) {
  const record = await moveRecord(desk, id, { action: 'resume', response: { data } }, repeatable);
  return moved(record, 'Resumed');
}

const moved = ({ id, status }: WorkflowRecord, message: string) =>
  ({ status: 200, body: { id, status, message } }) as const;
