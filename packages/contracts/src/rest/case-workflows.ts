import { z } from 'zod';
import { caseStatusSchema } from '../case-status.js';
import type { Problem } from '../errors.js';
import { commandHeaders } from './headers.js';
import { defineOperation, json } from './operation.js';
import { integer } from './parameters.js';
import { defineSurface, type FailureDialect } from './surface.js';

const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

/** The API knows fewer statuses than the platform. */
const statusOf = ({ status }: Problem): number =>
  status === 415 ? 400 : status === 412 || status === 422 ? 409 : status;

const messageDialect: FailureDialect<typeof failureSchema> = {
  media: 'application/json',
  schema: failureSchema,
  status: statusOf,
  render: ({ code, detail, errors }) => ({
    code,
    message: detail,
    ...(errors && {
      details: errors.map((error) => ({
        field: error.pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~'),
        message: error.detail,
      })),
    }),
  }),
};

export const caseWorkflows = defineSurface({
  name: 'CaseWorkflows',
  description: 'Workflows that a backend runs for a case, without a person at a screen.',
  failure: messageDialect,
});

const text = (longest: number) => z.string().trim().min(1).max(longest);

export const newCaseSchema = z.strictObject({
  firstName: text(200).optional(),
  lastName: text(200).optional(),
  personalNumber: text(100).optional(),
  email: z.email().max(320).optional(),
  phone: z
    .strictObject({
      countryCode: z.string().regex(/^\+?\d{1,4}$/, 'must be a country calling code'),
      number: z.string().regex(/^[\d ()-]{1,30}$/, 'must be a telephone number'),
    })
    .optional(),
  companyName: text(300).optional(),
  companyNumber: text(100).optional(),
  companyAddress: text(1_000).optional(),
});
export type CaseDetails = z.infer<typeof newCaseSchema>;

const partyDetailsSchema = z.object({
  personal: newCaseSchema.pick({ firstName: true, lastName: true, personalNumber: true, email: true, phone: true }),
  business: newCaseSchema.pick({ companyNumber: true, companyName: true, companyAddress: true }),
});
export const caseSchema = z.object({
  createdDate: z.string(),
  caseId: z.string(),
  partyId: z.string(),
  partyDetails: partyDetailsSchema,
});
export type Case = z.infer<typeof caseSchema>;

const runSchema = z.object({ id: z.string(), caseId: z.string(), status: caseStatusSchema });
export type Run = z.infer<typeof runSchema>;
const resultSchema = caseSchema.extend({
  workflowId: z.string(),
  workflowDefinitionId: z.string(),
  status: caseStatusSchema,
  result: z.unknown(),
});

const definitionReference = z.string().min(1).max(200).meta({ description: 'Id or name of a stored scenario.' });
const parametersSchema = z.object({
  id: z.string(),
  workflowDefinitionId: z.string(),
  parameters: z.record(z.string(), z.unknown()),
});

const CASE: Case = {
  createdDate: '2026-01-05T09:30:00.000Z',
  caseId: '2c5ea4c0-4067-4fe9-8bad-9b1deb4d3b7d',
  partyId: '9c858901-8a57-4791-81fe-4c455b099bc9',
  partyDetails: { personal: { firstName: 'Ada', personalNumber: '80010112345' }, business: {} },
};
const DEFINITION = '3b2d8a4f-579f-4e2e-a51c-f859e532fe8c';
const RUN: Run = { id: '63131229-edc5-49d0-888b-7724e65d7d2d', caseId: CASE.caseId, status: 'AWAITING' };
const PARAMETERS = {
  id: '4b6ffcb6-ab6d-44b9-b5ab-4b5147b0b302',
  workflowDefinitionId: DEFINITION,
  parameters: { param0: 0, param1: 1.2222, param2: true, param3: 'text' },
};

export const caseWorkflowOperations = {
  createCase: defineOperation({
    id: 'createCase',
    surface: caseWorkflows,
    method: 'post',
    path: '/cases',
    summary: 'Create a case with the data that is known',
    description: 'A case with the same personal number, or without one the same company number, has the same party.',
    privilege: 'cases:write',
    body: json(newCaseSchema),
    answers: { 201: { description: 'The case.', schema: caseSchema } },
    errors: [],
    examples: [
      { summary: 'A person', body: { firstName: 'Ada', personalNumber: '80010112345' }, status: 201, answer: CASE },
    ],
  }),
  getCase: defineOperation({
    id: 'getCase',
    surface: caseWorkflows,
    method: 'get',
    path: '/cases/{caseId}',
    summary: 'Read a case',
    privilege: 'cases:read',
    answers: { 200: { description: 'The case.', schema: caseSchema } },
    errors: ['not_found'],
    examples: [{ summary: 'A person', params: { caseId: CASE.caseId }, status: 200, answer: CASE }],
  }),
  createParameters: defineOperation({
    id: 'createParameters',
    surface: caseWorkflows,
    method: 'post',
    path: '/parameters',
    summary: 'Create a set of parameters for a workflow definition',
    description: 'Each key must be a variable of the definition, each value satisfy its schema.',
    privilege: ['cases:write', 'workflows:run'],
    body: json(
      z.strictObject({ workflowDefinitionId: definitionReference, parameters: z.record(z.string(), z.unknown()) }),
    ),
    answers: { 201: { description: 'The set.', schema: parametersSchema } },
    errors: ['scenario_not_found'],
    examples: [
      {
        summary: 'Four parameters',
        body: { workflowDefinitionId: DEFINITION, parameters: PARAMETERS.parameters },
        status: 201,
        answer: PARAMETERS,
      },
    ],
  }),
  run: defineOperation({
    id: 'runWorkflow',
    surface: caseWorkflows,
    method: 'post',
    path: '/workflows/run',
    summary: 'Run a workflow for a case',
    privilege: 'workflows:run',
    headers: commandHeaders,
    body: json(
      z.strictObject({
        caseId: z.uuid().toLowerCase(),
        workflowDefinitionId: definitionReference,
        parametersId: z.string().min(1).max(100).nullish(),
      }),
    ),
    answers: { 200: { description: 'It has been run.', schema: runSchema } },
    errors: ['not_found', 'scenario_not_found', 'evaluation_failed', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'It asked a service at once',
        body: { caseId: CASE.caseId, workflowDefinitionId: DEFINITION, parametersId: PARAMETERS.id },
        status: 200,
        answer: RUN,
      },
    ],
  }),
  status: defineOperation({
    id: 'getWorkflowStatus',
    surface: caseWorkflows,
    method: 'get',
    path: '/workflows/{workflowId}',
    summary: 'Check the status of a workflow',
    privilege: 'workflows:read',
    params: z.object({ workflowId: z.string() }),
    query: z.object({
      wait: integer({ min: 0, max: 60 }).default(0).meta({ description: 'Seconds to wait for the status to change.' }),
    }),
    answers: { 200: { description: 'Its status.', schema: runSchema } },
    errors: ['not_found'],
    examples: [{ summary: 'A service was asked', params: { workflowId: RUN.id }, status: 200, answer: RUN }],
  }),
  result: defineOperation({
    id: 'getWorkflowResult',
    surface: caseWorkflows,
    method: 'get',
    path: '/workflows/{workflowId}/result',
    summary: 'Fetch the result of a workflow that has finished',
    privilege: 'workflows:read',
    answers: { 200: { description: 'The result.', schema: resultSchema } },
    errors: ['not_found', 'state_conflict'],
    examples: [
      {
        summary: 'It is done',
        params: { workflowId: RUN.id },
        status: 200,
        answer: {
          ...CASE,
          workflowId: RUN.id,
          workflowDefinitionId: DEFINITION,
          status: 'COMPLETED',
          result: { score: 720 },
        },
      },
    ],
  }),
};
