import {
  CASE_TAG,
  HandoverError,
  caseWorkflowOperations as operations,
  findDefinition,
  getProcess,
  holds,
  startProcess,
  type CaseDetails,
  type Principal,
  type Privilege,
  type ProcessField,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { requirePrivilege } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { GatewaySchema } from '../../database.js';
import { implement, type Implementation } from '../../http/operation.js';
import { lookUntil, type Watch, type Watches } from '../../live/watches.js';
import type { Ask } from '../built-in.js';
import { findCase, findParameters, insertCase, insertParameters } from './case.repository.js';
import { requireParameters, type WorkflowDefinition } from './parameters.js';
import { RUN_FIELDS, runOf, type RunInHand } from './run.js';

const notFound = (what: string): HandoverError => new HandoverError('not_found', `${what} not found`);

/** `/cases`, `/parameters` and `/workflows`. */
export function caseWorkflows(db: Kysely<GatewaySchema>, watches: Watches): readonly Implementation[] {
  return [
    implement(operations.createCase, async ({ caller: { principal }, body }) => {
      requirePrivilege(principal, 'cases:write');
      const { tenant } = principal;
      const { shown } = await withTenant(db, tenant, (tx) => insertCase(tx, tenant, body));
      return { status: 201, body: shown };
    }),

    implement(operations.getCase, async ({ caller: { principal }, params: { caseId } }) => {
      requirePrivilege(principal, 'cases:read');
      const found = await withTenant(db, principal.tenant, (tx) => findCase(tx, caseId));
      if (!found) throw notFound('Case');
      return { status: 200, body: found.shown };
    }),

    implement(operations.createParameters, async ({ caller: { principal }, ask, body }) => {
      requireOneOf(principal, ['cases:write', 'workflows:run']);
      const { tenant } = principal;
      const definition = await ask(findDefinition, { reference: body.workflowDefinitionId });
      requireParameters(definition, body.parameters);
      const { id, parameters } = await withTenant(db, tenant, (tx) =>
        insertParameters(tx, tenant, definition.id, body.parameters),
      );
      return { status: 201, body: { id, workflowDefinitionId: body.workflowDefinitionId, parameters } };
    }),

    implement(operations.run, async ({ caller: { principal }, ask, body }) => {
      requirePrivilege(principal, 'workflows:run');
      const { caseId, workflowDefinitionId: reference, parametersId } = body;
      const [subject, set] = await withTenant(db, principal.tenant, async (tx) => [
        await findCase(tx, caseId),
        parametersId == null ? undefined : await findParameters(tx, parametersId),
      ]);
      if (!subject) throw notFound('Case');
      if (parametersId != null && !set) throw notFound('Parameters');
      const definition = await ask(findDefinition, { reference });
      requireUnattended(definition);
      if (set && set.definition !== definition.id) {
        throw refused('parametersId', 'are parameters of another workflow definition');
      }
      // The definition may be another one of the same name by now, and its schemas stricter.
      if (set) requireParameters(definition, set.parameters);
      const actor = caseActor(definition, subject.details);
      const started = await ask(startProcess, {
        scenario: definition.id,
        tags: [`${CASE_TAG}${caseId}`],
        ...(set && { vars: set.parameters }),
        ...(actor && { actors: { case: actor } }),
      });
      return { status: 200, body: requireRun(started.process) };
    }),

    implement(operations.status, async ({ askAnew, caller: { principal }, params, query: { wait } }, context) => {
      requirePrivilege(principal, 'workflows:read');
      const watch = watches.watch(principal.tenant, params.workflowId, context.req.raw.signal);
      return { status: 200, body: await statusWithin(watch, askAnew, params.workflowId, wait) };
    }),

    implement(operations.result, async ({ ask, caller: { principal }, params: { workflowId } }) => {
      requirePrivilege(principal, 'workflows:read');
      const { process } = await read(ask, workflowId, [...RUN_FIELDS, 'result', 'scenario']);
      const run = requireRun(process);
      if (process.isRunning === true) throw new HandoverError('state_conflict', `The workflow is ${run.status}`);
      const subject = await withTenant(db, principal.tenant, (tx) => findCase(tx, run.caseId));
      if (!subject) throw notFound('Case');
      const { id: workflowDefinitionId } = process.scenario as { id: string };
      const { result = null } = process;
      return {
        status: 200,
        body: { ...subject.shown, workflowId: run.id, workflowDefinitionId, status: run.status, result },
      };
    }),
  ];
}

function requireOneOf(principal: Principal, privileges: readonly Privilege[]): void {
  if (privileges.some((privilege) => holds(principal, privilege))) return;
  throw new HandoverError('forbidden', `This needs one of the privileges ${privileges.join(', ')}`);
}

const refused = (field: string, detail: string): HandoverError =>
  new HandoverError('invalid_request', `The body is not valid: ${field} ${detail}`, {
    errors: [{ pointer: `/${field}`, detail, in: 'body' }],
  });

function requireUnattended({ unattended }: WorkflowDefinition): void {
  if (!unattended) throw refused('workflowDefinitionId', 'names a workflow that needs a person');
}

/** Of the case's data, what the definition's actor `case` has properties for. */
function caseActor({ caseProperties }: WorkflowDefinition, details: CaseDetails): Record<string, unknown> | undefined {
  if (!caseProperties) return undefined;
  return Object.fromEntries(Object.entries(details).filter(([name]) => caseProperties.includes(name)));
}

async function read(ask: Ask, id: string, fields: ProcessField[]) {
  return ask(getProcess, { id, fields }).catch((error: unknown) => {
    const isHidden = error instanceof HandoverError && ['forbidden', 'process_not_found'].includes(error.code);
    throw isHidden ? notFound('Workflow') : error;
  });
}

function requireRun(process: Record<string, unknown>): RunInHand {
  const run = runOf(process);
  if (!run) throw notFound('Workflow');
  return run;
}

/** The status, as soon as it is another one than at first or none follows it; after so many seconds in any case. */
async function statusWithin(watch: Watch, ask: Ask, id: string, seconds: number): Promise<RunInHand> {
  let first: RunInHand['status'] | undefined;
  return lookUntil(watch, {
    seconds,
    look: async () => requireRun((await read(ask, id, [...RUN_FIELDS])).process),
    isThere: ({ status }) => status !== (first ??= status) || !['RUNNING', 'AWAITING'].includes(status),
  });
}
