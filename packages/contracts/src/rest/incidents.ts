import { z } from 'zod';
import { incidentSchema, retryIncident } from '../messages/engine.js';
import { MOST_INCIDENTS_RETRIED, retryIncidents } from '../messages/repair.js';
import { integer } from './parameters.js';
import { defineOperation } from './operation.js';
import { platform } from './surfaces.js';

const ID = '3d4c9a0e-65a7-4b39-8f55-0a6f0a1d2c77';

const incidentFilter = z.object({
  process: z.string().max(200).optional().meta({ description: 'Id of a process.' }),
  code: z.string().max(200).optional().meta({ description: 'What kind of failure.' }),
});

export const incidentOperations = {
  list: defineOperation({
    id: 'listIncidents',
    surface: platform,
    method: 'get',
    path: '/incidents',
    summary: 'List open incidents, the newest first',
    privilege: 'process:super',
    query: z.object({
      ...incidentFilter.shape,
      limit: integer({ min: 1, max: 100 }).default(100),
      cursor: z.string().max(200).optional().meta({ description: 'As the link `next` has it.' }),
    }),
    answers: {
      200: {
        description: 'A page of incidents.',
        schema: z.array(incidentSchema),
        headers: z.object({ Link: z.string().meta({ description: 'Pages `first` and `next` (RFC 8288).' }) }),
      },
    },
    errors: [],
    examples: [
      {
        summary: 'A timeout that could not be carried out',
        status: 200,
        answer: [
          {
            id: ID,
            process: '7c0b7a53-2f0e-4c1b-9d0a-3c2f0a9e4d11',
            code: 'evaluation_failed',
            message: "Unknown state 'late'",
            etag: '5e'.repeat(32),
            openedAt: '2026-01-05T09:30:00.000Z',
          },
        ],
      },
    ],
  }),

  retryMany: defineOperation({
    id: 'retryIncidents',
    surface: platform,
    method: 'post',
    path: '/incidents/retry',
    summary: 'Try again what many incidents stopped, the oldest first',
    privilege: 'process:super',
    query: incidentFilter.extend({ limit: integer({ min: 1, max: MOST_INCIDENTS_RETRIED }).default(100) }),
    answers: { 200: { description: 'What came of it.', schema: retryIncidents.answer } },
    errors: [],
    examples: [
      {
        summary: 'Two of them work now',
        query: { code: 'expression-failed' },
        status: 200,
        answer: { taken: 2, closed: 2, failed: 0, failures: [], open: 0 },
      },
    ],
  }),

  retry: defineOperation({
    id: 'retryIncident',
    surface: platform,
    method: 'post',
    path: '/incidents/{id}/retry',
    summary: 'Try again what an incident stopped',
    privilege: 'process:super',
    answers: { 200: { description: 'Whether that closed it.', schema: retryIncident.answer } },
    errors: ['incident_not_found'],
    examples: [{ summary: 'It works now', params: { id: ID }, status: 200, answer: { closed: true } }],
  }),
};
