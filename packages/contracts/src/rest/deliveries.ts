import { z } from 'zod';
import { deliveryFilterSchema, deliverySchema, getDelivery, retryDeliveries } from '../messages/deliveries.js';
import { retryNotifications } from '../messages/notifications.js';
import { commandHeaders } from './headers.js';
import { defineOperation } from './operation.js';
import { integer } from './parameters.js';
import { platform } from './surfaces.js';

const PROCESS = '7c0b7a53-2f0e-4c1b-9d0a-3c2f0a9e4d11';
const DELIVERY = 'ntf_8d0f2a61c7e94b3e9f70a1b2c3d4e5f6';

const EXAMPLE = {
  id: DELIVERY,
  status: 'delivered' as const,
  process: PROCESS,
  service: 'mail',
  cause: DELIVERY,
  attempts: 1,
  created: '2026-01-05T09:30:00.000Z',
  settled: '2026-01-05T09:30:00.120Z',
  reply: { status: 'applied' as const },
};

export const deliveryOperations = {
  list: defineOperation({
    id: 'listDeliveries',
    surface: platform,
    method: 'get',
    path: '/deliveries',
    summary: 'List what was and is to be sent to services and webhooks, the newest first',
    privilege: 'services:read',
    query: z.object({
      ...deliveryFilterSchema.shape,
      limit: integer({ min: 1, max: 200 }).default(50),
      cursor: z.string().max(200).optional().meta({ description: 'From the Link of the page before.' }),
    }),
    answers: {
      200: {
        description: 'A page of deliveries.',
        schema: z.array(deliverySchema),
        headers: z.object({ Link: z.string().optional().meta({ description: 'The next page, `rel="next"`.' }) }),
      },
    },
    errors: [],
    examples: [{ summary: 'Those of a service', query: { service: 'mail' }, status: 200, answer: [EXAMPLE] }],
  }),

  get: defineOperation({
    id: 'getDelivery',
    surface: platform,
    method: 'get',
    path: '/deliveries/{id}',
    summary: 'Get a delivery with every attempt',
    description: 'The body is shown to who may read the process or, where it is about none, the webhooks.',
    privilege: 'services:read',
    answers: { 200: { description: 'Success', schema: getDelivery.answer } },
    errors: ['delivery_not_found'],
    examples: [
      {
        summary: 'One attempt was enough',
        params: { id: DELIVERY },
        status: 200,
        answer: {
          ...EXAMPLE,
          log: [{ number: 1, started: '2026-01-05T09:30:00.010Z', durationMs: 12, status: 200, answer: '{}' }],
        },
      },
    ],
  }),

  retry: defineOperation({
    id: 'retryDelivery',
    surface: platform,
    method: 'post',
    path: '/deliveries/{id}/retry',
    summary: 'Send a settled delivery again',
    description: 'Under the same id. A reply that was refused is handed in again instead.',
    privilege: 'services:write',
    answers: { 200: { description: 'As it is now.', schema: deliverySchema } },
    errors: ['delivery_not_found', 'delivery_not_retryable'],
    examples: [
      {
        summary: 'One that failed',
        params: { id: DELIVERY },
        status: 200,
        answer: { ...EXAMPLE, status: 'pending' as const },
      },
    ],
  }),

  retryMany: defineOperation({
    id: 'retryDeliveries',
    surface: platform,
    method: 'post',
    path: '/deliveries/retry',
    summary: 'Send settled deliveries again, all that match',
    privilege: 'services:write',
    body: { content: { 'application/json': deliveryFilterSchema } },
    answers: {
      200: { description: 'How many were taken, and how many were not and why.', schema: retryDeliveries.answer },
    },
    errors: [],
    examples: [
      {
        summary: 'What failed for one service',
        body: { status: 'failed', service: 'mail' },
        status: 200,
        answer: { taken: 12, skipped: [], more: false },
      },
    ],
  }),

  retryOfProcess: defineOperation({
    id: 'retryNotifications',
    surface: platform,
    method: 'post',
    path: '/processes/{id}/notifications/retry',
    summary: 'Tell the services of the current state again',
    description: 'All that the state notifies, or those named. Each gets a new delivery; delays are not waited for.',
    privilege: 'process:super',
    headers: commandHeaders,
    body: { optional: true, content: { 'application/json': retryNotifications.body.omit({ process: true }) } },
    answers: { 200: { description: 'Who was told, and who was not and why.', schema: retryNotifications.answer } },
    errors: ['process_not_found', 'version_conflict', 'idempotency_in_flight', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'One service',
        params: { id: PROCESS },
        body: { services: ['mail'] },
        status: 200,
        answer: { notified: [{ service: 'mail', delivery: DELIVERY }], skipped: [] },
      },
    ],
  }),
};
