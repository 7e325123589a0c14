import { z } from 'zod';
import { apiKeySchema, issueApiKey } from '../../messages/auth.js';
import { defineOperation, json } from '../operation.js';
import { letsflow } from '../surfaces.js';

const KEY = {
  id: '0123456789abcdef01234567',
  token: 'q8Fz',
  name: 'Invoice robot',
  description: '',
  issued: '2026-01-05T09:30:00.000Z',
  expirationDays: 30,
  expiration: '2026-02-04T09:30:00.000Z',
  kind: 'global',
  privileges: ['process:step'],
};

export const apiKeyOperations = {
  list: defineOperation({
    id: 'listApiKeys',
    surface: letsflow,
    method: 'get',
    path: '/apikey',
    summary: 'List API keys',
    description:
      'All keys of the tenant, the newest first, revoked and expired ones too; of the tokens only their ends.',
    privilege: ['apikey:issue', 'apikey:revoke'],
    answers: { 200: { description: 'Success', schema: z.array(apiKeySchema) } },
    errors: [],
    examples: [{ summary: 'One key', status: 200, answer: [KEY] }],
  }),

  issue: defineOperation({
    id: 'issueApiKey',
    surface: letsflow,
    method: 'post',
    path: '/apikey',
    summary: 'Issue a new API key',
    description: 'No key can do more than its issuer. The token is in this answer and nowhere else.',
    privilege: 'apikey:issue',
    body: json(issueApiKey.body),
    answers: {
      201: {
        description: 'Created',
        schema: apiKeySchema,
        headers: z.object({ 'Cache-Control': z.literal('no-store') }),
      },
    },
    errors: [],
    examples: [
      {
        summary: 'For a service',
        body: { name: 'Invoice robot', privileges: ['process:step'] },
        status: 201,
        answer: { ...KEY, token: 'lfl_d181n2a065vxqA6Sa3T8lXOtWoYFIY2FTGTX' },
      },
    ],
  }),

  revoke: defineOperation({
    id: 'revokeApiKey',
    surface: letsflow,
    method: 'delete',
    path: '/apikey/{id}',
    summary: 'Revoke an API key',
    description: 'For good. Again is no error.',
    privilege: 'apikey:revoke',
    answers: { 204: { description: 'No Content' } },
    errors: ['api_key_not_found'],
    examples: [{ summary: 'Revoke', params: { id: KEY.id }, status: 204 }],
  }),
};
