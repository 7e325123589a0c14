import { z } from 'zod';
import { commandHeaders, locationHeader } from '../headers.js';
import { defineOperation, json, type Example } from '../operation.js';
import { ID, INSTANCE, NEW, PAGE, RECORD } from './examples.js';
import { changed, filters, paging } from './parts.js';
import {
  advanceSchema,
  newRecordSchema,
  recordPageSchema,
  resumeRecordSchema,
  suspendRecordSchema,
  workflowRecordSchema,
} from './record.js';
import { workflowRecords } from './surface.js';

const collection = { instance_id: z.uuid().toLowerCase() };
const internalParams = z.object({ ...collection, id: z.uuid().toLowerCase() });
const internalExample = (example: Omit<Example, 'params'>): Example => ({
  params: { instance_id: INSTANCE, id: ID },
  ...example,
});

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
    answers: { 200: { description: 'A page of records.', schema: recordPageSchema } },
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
    body: json(suspendRecordSchema),
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
    body: json(resumeRecordSchema),
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
