import { z } from 'zod';
import { defineOperation } from './operation.js';
import { platform } from './surfaces.js';

export const documentOperations = {
  asyncapi: defineOperation({
    id: 'getAsyncApi',
    surface: platform,
    method: 'get',
    path: '/asyncapi.json',
    summary: 'Get the description of the queue',
    description: 'Commands, replies and events as programs on RabbitMQ or ZeroMQ see them (AsyncAPI 3).',
    privilege: null,
    answers: { 200: { description: 'An AsyncAPI document.', schema: z.record(z.string(), z.unknown()) } },
    errors: [],
    examples: [{ summary: 'Its first lines', status: 200, answer: { asyncapi: '3.0.0' } }],
  }),
};
