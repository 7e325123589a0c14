import { z } from 'zod';
import { commandHeaders } from '../headers.js';
import { defineOperation, json } from '../operation.js';
import { ID, PAGE, RECORD } from './examples.js';
import { changed, filters, paging } from './parts.js';
import {
  recordPageSchema,
  resumeRecordSchema,
  suspendRecordSchema,
  suspendedRecordSchema,
  workflowRecordSchema,
} from './record.js';
import { workflowRecords } from './surface.js';

const params = z.object({ id: z.uuid().toLowerCase() });
/** The dashboard may bring its API key in a header of its own. */
const dashboardHeaders = z.object({
  'X-Api-Key': z.string().max(200).optional().meta({ description: 'An API key, in place of a bearer token.' }),
});

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
    answers: { 200: { description: 'A page of records.', schema: recordPageSchema } },
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
    body: json(resumeRecordSchema),
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
    body: json(suspendRecordSchema),
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
