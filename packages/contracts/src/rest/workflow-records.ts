import { z } from 'zod';
import type { Problem } from '../errors.js';
import { commandHeaders, locationHeader } from './headers.js';
import { defineOperation, json, type Example } from './operation.js';
import { integer } from './parameters.js';
import { defineSurface, type FailureDialect } from './surface.js';

export const WORKFLOW_TYPES = [
  'lead',
  'rent_arrears',
  'maintenance',
  'compliance_renewal',
  'viewing',
  'roster',
  'approval',
  'invoice_chase',
  'onboarding',
  'custom',
] as const;
const workflowTypeSchema = z.enum(WORKFLOW_TYPES);

/** Statuses among which a record moves freely. */
export const OPEN_STATUSES = ['active', 'awaiting_approval', 'paused'] as const;
/** Statuses that end a record. */
export const TERMINAL_STATUSES = ['completed', 'expired', 'cancelled', 'failed'] as const;
export const RECORD_STATUSES = [...OPEN_STATUSES, 'suspended', ...TERMINAL_STATUSES] as const;
export const recordStatusSchema = z.enum(RECORD_STATUSES);
export type RecordStatus = z.infer<typeof recordStatusSchema>;

const SETTABLE_STATUSES: readonly string[] = [...OPEN_STATUSES, ...TERMINAL_STATUSES];
const settableStatus = recordStatusSchema.exclude(['suspended'], {
  error: ({ input }) =>
    input === 'suspended' ? 'is set by suspending the workflow' : `must be one of ${SETTABLE_STATUSES.join(', ')}`,
});

const text = (longest: number) => z.string().min(1).max(longest);
/** An instant, however it was written; kept in UTC. */
const instant = z.iso.datetime({ offset: true }).transform((given) => new Date(given).toISOString());
const state = z.record(z.string().min(1).max(200), z.unknown());

const historyEntrySchema = z.object({
  action: z.string(),
  at: z.string(),
  /** Who did it; null when time did. */
  by: z.string().nullable(),
  from_status: z.string().nullable(),
  to_status: z.string(),
  from_stage: z.string().nullable(),
  to_stage: z.string().nullable(),
  /** What was handed over when the record was resumed. */
  data: z.unknown().optional(),
});

/** A workflow record. Times are ISO 8601. */
export const workflowRecordSchema = z.object({
  id: z.string(),
  tenant_id: z.string(),
  instance_id: z.string(),
  customer_id: z.string(),
  workflow_type: workflowTypeSchema,
  title: z.string().nullable(),
  reference: z.string().nullable(),
  stage: z.string(),
  status: recordStatusSchema,
  workflow_state: z.record(z.string(), z.unknown()),
  assigned_to: z.string().nullable(),
  approver_id: z.string().nullable(),
  escalation_level: z.number().int(),
  history: z.array(historyEntrySchema),
  created_at: z.string(),
  updated_at: z.string(),
  last_action_at: z.string().nullable(),
  next_action_at: z.string().nullable(),
  expires_at: z.string().nullable(),
  completed_at: z.string().nullable(),
});
export type WorkflowRecord = z.infer<typeof workflowRecordSchema>;

export const suspendedRecordSchema = workflowRecordSchema.extend({
  suspended_step: z.string(),
  suspended_at: z.string(),
  suspend_payload: z.record(z.string(), z.unknown()).nullable(),
});

const pageSchema = z.object({
  page: z.number().int(),
  per_page: z.number().int(),
  total: z.number().int(),
  workflows: z.array(workflowRecordSchema),
});
const movedSchema = z.object({ id: z.string(), status: recordStatusSchema, message: z.string() });

export const newRecordSchema = z.strictObject({
  customer_id: z.uuid().toLowerCase(),
  workflow_type: workflowTypeSchema,
  title: text(500).nullish(),
  reference: text(180).nullish(),
  stage: text(100).nullish(),
  workflow_state: state.nullish(),
  assigned_to: text(200).nullish(),
  approver_id: text(200).nullish(),
  next_action_at: instant.nullish(),
  expires_at: instant.nullish(),
});

export const advanceSchema = z.strictObject({
  action: text(100),
  stage: text(100).nullish(),
  status: settableStatus.nullish(),
  workflow_state: state.nullish(),
  title: text(500).nullish(),
  assigned_to: text(200).nullish(),
  approver_id: text(200).nullish(),
  escalation_level: z.number().int().min(0).max(1_000).nullish(),
  next_action_at: instant.nullish(),
  expires_at: instant.nullish(),
});

const suspendSchema = z.strictObject({ step: text(100), payload: state.nullish() });
/** A body without `resume_data` is itself the data. */
const resumeSchema = z
  .record(z.string().min(1).max(200), z.unknown())
  .transform((body) => ('resume_data' in body ? (body.resume_data ?? {}) : body))
  .pipe(state);

const failureSchema = z.object({
  detail: z.union([
    z.string(),
    z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() })),
  ]),
});

const REFUSED: readonly Problem['code'][] = ['invalid_request', 'malformed_body', 'unsupported_media_type'];
const CONFLICTS: readonly Problem['code'][] = ['precondition_failed', 'step_refused', 'scenario_disabled'];

/** 422 with a place for everything that is wrong; otherwise words. */
const detailDialect: FailureDialect<typeof failureSchema> = {
  media: 'application/json',
  schema: failureSchema,
  status: ({ code, status }) => (REFUSED.includes(code) ? 422 : CONFLICTS.includes(code) ? 409 : status),
  render: ({ code, detail, errors }) => {
    if (!REFUSED.includes(code)) return { detail };
    if (!errors?.length) return { detail: [{ loc: ['body'], msg: detail, type: 'value_error' }] };
    return {
      detail: errors.map((error) => ({
        loc: [error.in ?? 'body', ...fieldsOf(error.pointer)],
        msg: error.detail,
        type: error.detail.includes('received undefined') ? 'missing' : 'value_error',
      })),
    };
  },
};

const fieldsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((field) => field.replaceAll('~1', '/').replaceAll('~0', '~'));

export const workflowRecords = defineSurface({
  name: 'WorkflowRecords',
  description: 'Records of long-running work that agents move by named actions and admins watch.',
  failure: detailDialect,
});

const filters = {
  customer_id: z.uuid().toLowerCase().optional(),
  workflow_type: workflowTypeSchema.optional(),
  status: recordStatusSchema.optional(),
};
const paging = {
  page: integer({ min: 1, max: 1_000 }).default(1),
  per_page: integer({ min: 1, max: 100 }).default(20),
};

const INSTANCE = '06587974-2dbe-4e10-8bf9-38cce0f5a366';
const ID = '497f6eca-6276-4993-bfeb-53cbbbba6f08';
const CREATED = '2026-01-05T09:30:00.000Z';
const RECORD: WorkflowRecord = {
  id: ID,
  tenant_id: 'default',
  instance_id: INSTANCE,
  customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
  workflow_type: 'rent_arrears',
  title: 'Flat 3, two months behind',
  reference: 'flat-3',
  stage: 'new',
  status: 'active',
  workflow_state: { months: 2 },
  assigned_to: null,
  approver_id: null,
  escalation_level: 0,
  history: [
    {
      action: 'created',
      at: CREATED,
      by: `agent:${INSTANCE}`,
      from_status: null,
      to_status: 'active',
      from_stage: null,
      to_stage: 'new',
    },
  ],
  created_at: CREATED,
  updated_at: CREATED,
  last_action_at: CREATED,
  next_action_at: null,
  expires_at: null,
  completed_at: null,
};
const PAGE = { page: 1, per_page: 20, total: 1, workflows: [RECORD] };
const NEW = { customer_id: RECORD.customer_id, workflow_type: 'rent_arrears', workflow_state: { months: 2 } };

const collection = { instance_id: z.uuid().toLowerCase() };
const internalParams = z.object({ ...collection, id: z.uuid().toLowerCase() });
const params = z.object({ id: z.uuid().toLowerCase() });
/** The dashboard may bring its API key in a header of its own. */
const dashboardHeaders = z.object({
  'X-Api-Key': z.string().max(200).optional().meta({ description: 'An API key, in place of a bearer token.' }),
});
const internalExample = (example: Omit<Example, 'params'>): Example => ({
  params: { instance_id: INSTANCE, id: ID },
  ...example,
});
const changed = { 200: { description: 'The record after it.', schema: movedSchema } };

export const workflowRecordOperations = {
  list: defineOperation({
    id: 'listInstanceWorkflows',
    surface: workflowRecords,
    method: 'get',
    path: '/internal/v1/instances/{instance_id}/workflows',
    summary: 'List the workflow records of an agent instance, the newest first',
    privilege: 'workflows:read',
    params: z.object(collection),
    query: z.object({ ...filters, reference: z.string().min(1).max(180).optional(), ...paging }),
    answers: { 200: { description: 'A page of records.', schema: pageSchema } },
    errors: [],
    examples: [{ summary: 'One record', params: { instance_id: INSTANCE }, status: 200, answer: PAGE }],
  }),
  create: defineOperation({
    id: 'createInstanceWorkflow',
    surface: workflowRecords,
    method: 'post',
    path: '/internal/v1/instances/{instance_id}/workflows',
    summary: 'Create a workflow record',
    privilege: 'workflows:write',
    params: z.object(collection),
    headers: commandHeaders,
    body: json(newRecordSchema),
    answers: { 201: { description: 'The record.', schema: workflowRecordSchema, headers: locationHeader } },
    errors: ['scenario_disabled', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [{ summary: 'Rent arrears', params: { instance_id: INSTANCE }, body: NEW, status: 201, answer: RECORD }],
  }),
  get: defineOperation({
    id: 'getInstanceWorkflow',
    surface: workflowRecords,
    method: 'get',
    path: '/internal/v1/instances/{instance_id}/workflows/{id}',
    summary: 'Read a workflow record',
    privilege: 'workflows:read',
    params: internalParams,
    answers: { 200: { description: 'The record.', schema: workflowRecordSchema } },
    errors: ['process_not_found'],
    examples: [internalExample({ summary: 'A record', status: 200, answer: RECORD })],
  }),
  advance: defineOperation({
    id: 'advanceInstanceWorkflow',
    surface: workflowRecords,
    method: 'patch',
    path: '/internal/v1/instances/{instance_id}/workflows/{id}',
    summary: 'Advance a workflow record by a named action',
    description: 'Top-level keys of `workflow_state` replace those that are there; null takes one away.',
    privilege: 'workflows:write',
    params: internalParams,
    headers: commandHeaders,
    body: json(advanceSchema),
    answers: { 200: { description: 'The record after it.', schema: workflowRecordSchema } },
    errors: ['process_not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      internalExample({
        summary: 'Nothing but the action',
        body: { action: 'contacted' },
        status: 200,
        answer: RECORD,
      }),
    ],
  }),
  suspend: defineOperation({
    id: 'suspendInstanceWorkflow',
    surface: workflowRecords,
    method: 'post',
    path: '/internal/v1/instances/{instance_id}/workflows/{id}/suspend',
    summary: 'Suspend a workflow record at a step',
    privilege: 'workflows:write',
    params: internalParams,
    headers: commandHeaders,
    body: json(suspendSchema),
    answers: changed,
    errors: ['process_not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      internalExample({
        summary: 'Wait for the landlord',
        body: { step: 'landlord-approval', payload: { asked: true } },
        status: 200,
        answer: { id: ID, status: 'suspended', message: "Suspended at step 'landlord-approval'" },
      }),
    ],
  }),
  resume: defineOperation({
    id: 'resumeInstanceWorkflow',
    surface: workflowRecords,
    method: 'post',
    path: '/internal/v1/instances/{instance_id}/workflows/{id}/resume',
    summary: 'Resume a suspended workflow record',
    description: '`resume_data`, or the whole body without that key, is merged into `workflow_state`.',
    privilege: 'workflows:write',
    params: internalParams,
    headers: commandHeaders,
    body: json(resumeSchema),
    answers: changed,
    errors: ['process_not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      internalExample({
        summary: 'Approved',
        body: { resume_data: { approved: true } },
        status: 200,
        answer: { id: ID, status: 'active', message: 'Resumed' },
      }),
    ],
  }),
};

export const workflowDashboardOperations = {
  list: defineOperation({
    id: 'listWorkflows',
    surface: workflowRecords,
    method: 'get',
    path: '/v1/workflows',
    summary: 'List the workflow records of the tenant, the newest first',
    privilege: 'workflows:admin',
    query: z.object({ ...filters, ...paging }),
    headers: dashboardHeaders,
    answers: { 200: { description: 'A page of records.', schema: pageSchema } },
    errors: [],
    examples: [{ summary: 'One record', status: 200, answer: PAGE }],
  }),
  suspended: defineOperation({
    id: 'listSuspendedWorkflows',
    surface: workflowRecords,
    method: 'get',
    path: '/v1/workflows/suspended',
    summary: 'List the suspended workflow records of the tenant, at most a thousand',
    privilege: 'workflows:admin',
    headers: dashboardHeaders,
    answers: {
      200: { description: 'The records, and where each stands still.', schema: z.array(suspendedRecordSchema) },
    },
    errors: [],
    examples: [{ summary: 'Nothing is suspended', status: 200, answer: [] }],
  }),
  get: defineOperation({
    id: 'getWorkflow',
    surface: workflowRecords,
    method: 'get',
    path: '/v1/workflows/{id}',
    summary: 'Read a workflow record of the tenant',
    privilege: 'workflows:admin',
    params,
    headers: dashboardHeaders,
    answers: { 200: { description: 'The record.', schema: workflowRecordSchema } },
    errors: ['process_not_found'],
    examples: [{ summary: 'A record', params: { id: ID }, status: 200, answer: RECORD }],
  }),
  abort: defineOperation({
    id: 'abortWorkflow',
    surface: workflowRecords,
    method: 'post',
    path: '/v1/workflows/{id}/abort',
    summary: 'Abort a workflow record; it and its history stay',
    privilege: 'workflows:admin',
    params,
    headers: commandHeaders.extend(dashboardHeaders.shape),
    answers: changed,
    errors: ['process_not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'No longer needed',
        params: { id: ID },
        status: 200,
        answer: { id: ID, status: 'cancelled', message: 'Aborted' },
      },
    ],
  }),
  resume: defineOperation({
    id: 'resumeWorkflow',
    surface: workflowRecords,
    method: 'post',
    path: '/v1/workflows/{id}/resume',
    summary: 'Resume a suspended workflow record',
    privilege: 'workflows:admin',
    params,
    headers: commandHeaders.extend(dashboardHeaders.shape),
    body: json(resumeSchema),
    answers: changed,
    errors: ['process_not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'Go on',
        params: { id: ID },
        body: {},
        status: 200,
        answer: { id: ID, status: 'active', message: 'Resumed' },
      },
    ],
  }),
  suspend: defineOperation({
    id: 'suspendWorkflow',
    surface: workflowRecords,
    method: 'post',
    path: '/v1/workflows/{id}/suspend',
    summary: 'Suspend a workflow record at a step',
    privilege: 'workflows:admin',
    params,
    headers: commandHeaders.extend(dashboardHeaders.shape),
    body: json(suspendSchema),
    answers: changed,
    errors: ['process_not_found', 'state_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'Look into it first',
        params: { id: ID },
        body: { step: 'review' },
        status: 200,
        answer: { id: ID, status: 'suspended', message: "Suspended at step 'review'" },
      },
    ],
  }),
};
