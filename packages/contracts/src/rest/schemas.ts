import { z } from 'zod';
import { schemaDocumentSchema, schemaIdSchema, schemaSummarySchema } from '../messages/schemas.js';
import { defineOperation } from './operation.js';
import { platform } from './surfaces.js';

const PERSON = { type: 'object', properties: { name: 'string' }, required: ['name'] };
const SUMMARY = {
  id: 'schema:person',
  source: 'tenant' as const,
  version: 1,
  updated: '2026-01-05T09:30:00.000Z',
};
const params = z.object({
  id: schemaIdSchema.meta({
    description: 'An id that is a URL is percent-encoded; one without a colon is short for `schema:` and itself.',
  }),
});

export const schemaOperations = {
  list: defineOperation({
    id: 'listSchemas',
    surface: platform,
    method: 'get',
    path: '/schemas',
    summary: 'List the JSON schemas that scenarios can refer to',
    description: 'Those of the tenant and those of the platform, by id.',
    privilege: 'scenario:read',
    answers: { 200: { description: 'All of them.', schema: z.array(schemaSummarySchema) } },
    errors: [],
    examples: [{ summary: 'One', status: 200, answer: [SUMMARY] }],
  }),

  get: defineOperation({
    id: 'getSchema',
    surface: platform,
    method: 'get',
    path: '/schemas/{id}',
    summary: 'Get a JSON schema',
    privilege: 'scenario:read',
    params,
    answers: { 200: { description: 'The schema, written out.', schema: schemaDocumentSchema } },
    errors: ['schema_not_found'],
    examples: [
      {
        summary: 'By its short id',
        params: { id: 'person' },
        status: 200,
        answer: { $id: 'schema:person', type: 'object', properties: { name: { type: 'string' } } },
      },
    ],
  }),

  put: defineOperation({
    id: 'putSchema',
    surface: platform,
    method: 'put',
    path: '/schemas/{id}',
    summary: 'Keep a JSON schema that scenarios can refer to',
    description:
      'Draft 2020-12, or the simplified notation of scenarios unless `$schema` says otherwise. A changed schema counts for ' +
      'scenarios that are stored from then on; those that are there keep what they were stored with.',
    privilege: 'scenario:write',
    params,
    body: {
      content: {
        'application/json': schemaDocumentSchema,
        'application/yaml': z.string().meta({ description: 'The schema as YAML.' }),
      },
      verbatim: true,
    },
    answers: {
      200: { description: 'Replaced', schema: schemaSummarySchema },
      201: { description: 'Created', schema: schemaSummarySchema },
    },
    errors: ['invalid_schema', 'schema_conflict', 'read_only'],
    examples: [
      { summary: 'A person', params: { id: 'person' }, body: PERSON, status: 201, answer: SUMMARY },
      {
        summary: 'A person, changed',
        params: { id: 'person' },
        body: { ...PERSON, required: [] },
        status: 200,
        answer: { ...SUMMARY, version: 2, updated: '2026-01-06T09:30:00.000Z' },
      },
    ],
  }),

  delete: defineOperation({
    id: 'deleteSchema',
    surface: platform,
    method: 'delete',
    path: '/schemas/{id}',
    summary: 'Forget a JSON schema',
    description: 'Scenarios that were stored with it keep it.',
    privilege: 'scenario:write',
    params,
    answers: { 204: { description: 'No Content' } },
    errors: ['schema_not_found', 'schema_conflict', 'read_only'],
    examples: [{ summary: 'By its short id', params: { id: 'person' }, status: 204 }],
  }),
};
