import { z } from 'zod';
import { putService, serviceConfigSchema, serviceNameSchema, serviceSchema } from '../messages/services.js';
import { defineOperation, json } from './operation.js';
import { platform } from './surfaces.js';

const SERVICE = {
  name: 'mail',
  provider: 'amqp' as const,
  url: 'amqps://handover:***@broker.example.com/',
  routingKey: 'mail',
  reply: true,
  source: 'tenant' as const,
  updated: '2026-01-05T09:30:00.000Z',
  circuit: { state: 'closed' as const, failures: 0 },
};

export const serviceOperations = {
  list: defineOperation({
    id: 'listServices',
    surface: platform,
    method: 'get',
    path: '/services',
    summary: 'List the services that scenarios can name',
    description: 'Those of the tenant and those of the configuration. Secrets are masked.',
    privilege: 'services:read',
    answers: { 200: { description: 'All of them, by name.', schema: z.array(serviceSchema) } },
    errors: [],
    examples: [{ summary: 'One', status: 200, answer: [SERVICE] }],
  }),

  get: defineOperation({
    id: 'getService',
    surface: platform,
    method: 'get',
    path: '/services/{name}',
    summary: 'Get a service',
    privilege: 'services:read',
    answers: { 200: { description: 'How it is reached, and whether it works.', schema: serviceSchema } },
    errors: ['service_not_found'],
    examples: [{ summary: 'By name', params: { name: SERVICE.name }, status: 200, answer: SERVICE }],
  }),

  put: defineOperation({
    id: 'putService',
    surface: platform,
    method: 'put',
    path: '/services/{name}',
    summary: 'Set how a service is reached',
    description: 'Whole, secrets included: they are not shown again. Notifications that wait for it are sent.',
    privilege: 'services:write',
    params: z.object({ name: serviceNameSchema }),
    body: json(serviceConfigSchema),
    answers: {
      200: { description: 'Replaced', schema: putService.answer.shape.service },
      201: { description: 'Created', schema: putService.answer.shape.service },
    },
    errors: [],
    examples: [
      {
        summary: 'A worker behind RabbitMQ that answers',
        params: { name: SERVICE.name },
        body: {
          provider: 'amqp',
          url: 'amqps://handover:secret@broker.example.com/',
          routingKey: 'mail',
          reply: true,
        },
        status: 201,
        answer: SERVICE,
      },
      {
        summary: 'The same worker behind another queue',
        params: { name: SERVICE.name },
        body: {
          provider: 'amqp',
          url: 'amqps://handover:secret@broker.example.com/',
          routingKey: 'letters',
          reply: true,
        },
        status: 200,
        answer: { ...SERVICE, routingKey: 'letters' },
      },
    ],
  }),

  delete: defineOperation({
    id: 'deleteService',
    surface: platform,
    method: 'delete',
    path: '/services/{name}',
    summary: 'Forget a service',
    description: 'What is still to be sent to it waits until there is one of that name again.',
    privilege: 'services:write',
    answers: { 204: { description: 'No Content' } },
    errors: ['service_not_found'],
    examples: [{ summary: 'By name', params: { name: SERVICE.name }, status: 204 }],
  }),
};
