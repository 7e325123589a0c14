import { z } from 'zod';
import {
  createWebhook,
  getWebhookKeys,
  pingWebhook,
  rotateWebhookSecret,
  updateWebhook,
  webhookSchema,
} from '../messages/notifier.js';
import { locationHeader } from './headers.js';
import { defineOperation, json } from './operation.js';
import { platform } from './surfaces.js';

const WEBHOOK = {
  id: '5b0d6c1e-2a44-4b0e-93a7-1f6c8de0a9b3',
  url: 'https://example.com/handover',
  events: ['process.completed'],
  signing: 'v1' as const,
  created: '2026-01-05T09:30:00.000Z',
};

export const webhookOperations = {
  create: defineOperation({
    id: 'createWebhook',
    surface: platform,
    method: 'post',
    path: '/webhooks',
    summary: 'Register a receiver of events',
    description:
      'The secret (Standard Webhooks) is in this answer and nowhere else. `signing: v1a` adds an Ed25519 signature, verified by the `publicKey`; `signing: jws` a detached JWS (RFC 7515, appendix F; RS256) in the header `JWS-SIGNATURE`, with `kid`, `id`, `webhook` and `timestamp` in its protected header. `workflow.status-changed` among `events` tells the status of workflows run for a case, as `{workflowId, caseId, status, referenceName}`, signed by JWS by default. `headers` are sent along; those that sound like credentials are masked when they are shown.',
    privilege: 'webhooks:write',
    body: json(createWebhook.body),
    answers: { 201: { description: 'Created', schema: createWebhook.answer, headers: locationHeader } },
    errors: [],
    examples: [
      {
        summary: 'Told when a process is done',
        body: { url: WEBHOOK.url, events: WEBHOOK.events },
        status: 201,
        answer: { ...WEBHOOK, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      },
    ],
  }),

  list: defineOperation({
    id: 'listWebhooks',
    surface: platform,
    method: 'get',
    path: '/webhooks',
    summary: 'List the receivers of events',
    privilege: 'webhooks:read',
    answers: { 200: { description: 'All of the tenant.', schema: z.array(webhookSchema) } },
    errors: [],
    examples: [{ summary: 'One', status: 200, answer: [WEBHOOK] }],
  }),

  get: defineOperation({
    id: 'getWebhook',
    surface: platform,
    method: 'get',
    path: '/webhooks/{id}',
    summary: 'See a receiver of events',
    privilege: 'webhooks:read',
    answers: { 200: { description: 'As it is now; without its secret.', schema: webhookSchema } },
    errors: ['webhook_not_found'],
    examples: [{ summary: 'One', params: { id: WEBHOOK.id }, status: 200, answer: WEBHOOK }],
  }),

  update: defineOperation({
    id: 'updateWebhook',
    surface: platform,
    method: 'patch',
    path: '/webhooks/{id}',
    summary: 'Change a receiver of events, stop it, or start it again',
    description: 'What is absent stays; null removes. `enabled: false` also cancels what is still to be sent.',
    privilege: 'webhooks:write',
    body: json(updateWebhook.body.omit({ id: true })),
    answers: { 200: { description: 'As it is now.', schema: webhookSchema } },
    errors: ['webhook_not_found'],
    examples: [
      {
        summary: 'Everything about the processes of one scenario',
        params: { id: WEBHOOK.id },
        body: { events: ['process.*'], scenarios: ['quote'] },
        status: 200,
        answer: { ...WEBHOOK, events: ['process.*'], scenarios: ['quote'] },
      },
    ],
  }),

  rotateSecret: defineOperation({
    id: 'rotateWebhookSecret',
    surface: platform,
    method: 'post',
    path: '/webhooks/{id}/rotate-secret',
    summary: 'Give a receiver of events a new secret',
    description:
      'For `overlap` seconds (a day unless said otherwise, at most seven) messages carry signatures by the new secret and by the old ones. 0 ends the old ones at once.',
    privilege: 'webhooks:write',
    body: json(rotateWebhookSecret.body.omit({ id: true })),
    answers: {
      200: { description: 'The secret is in this answer and nowhere else.', schema: rotateWebhookSecret.answer },
    },
    errors: ['webhook_not_found'],
    examples: [
      {
        summary: 'With an hour to change over',
        params: { id: WEBHOOK.id },
        body: { overlap: 3_600 },
        status: 200,
        answer: { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', oldUntil: '2026-01-05T10:30:00.000Z' },
      },
    ],
  }),

  ping: defineOperation({
    id: 'pingWebhook',
    surface: platform,
    method: 'post',
    path: '/webhooks/{id}/ping',
    summary: 'Send a receiver of events a test event',
    description: '`webhook.ping`, signed, tried again and logged as any other, whatever the receiver subscribed to.',
    privilege: 'webhooks:write',
    answers: { 202: { description: 'On its way.', schema: pingWebhook.answer, headers: locationHeader } },
    errors: ['webhook_not_found', 'state_conflict'],
    examples: [
      {
        summary: 'To be followed under /deliveries',
        params: { id: WEBHOOK.id },
        status: 202,
        answer: { delivery: 'msg_019b7d3f20c05c762f4b97bc21ac0008' },
      },
    ],
  }),

  delete: defineOperation({
    id: 'deleteWebhook',
    surface: platform,
    method: 'delete',
    path: '/webhooks/{id}',
    summary: 'Remove a receiver of events',
    privilege: 'webhooks:write',
    answers: { 204: { description: 'No Content' } },
    errors: ['webhook_not_found'],
    examples: [{ summary: 'Remove', params: { id: WEBHOOK.id }, status: 204 }],
  }),

  keys: defineOperation({
    id: 'getWebhookKeys',
    surface: platform,
    method: 'get',
    path: '/.well-known/jwks.json',
    summary: 'Get the public keys that sign webhooks',
    description: 'A JWK set (RFC 7517). A key is published an hour before it signs.',
    privilege: null,
    answers: {
      200: {
        description: 'Those that sign now, those before and those to come.',
        schema: getWebhookKeys.answer,
        headers: z.object({ 'Cache-Control': z.string().meta({ description: 'How long the set may be kept.' }) }),
      },
    },
    errors: [],
    examples: [
      {
        summary: 'One key',
        status: 200,
        answer: {
          keys: [
            { kty: 'RSA', n: 'u1SU1LfVLPHCozMxH2Mo4lgOEePz…', e: 'AQAB', kid: 'NzbLsXh8', alg: 'RS256', use: 'sig' },
          ],
        },
      },
    ],
  }),
};
