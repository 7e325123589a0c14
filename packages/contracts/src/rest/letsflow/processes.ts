import { z } from 'zod';
import { processFieldSchema, verifyProcess } from '../../messages/engine.js';
import { rebuildProcess } from '../../messages/repair.js';
import { acceptedAnswer, acceptedExample, asyncHeaders } from '../commands.js';
import { actingHeaders, commandHeaders, locationHeader, versionHeaders } from '../headers.js';
import { defineOperation, json } from '../operation.js';
import { flag, integer, list } from '../parameters.js';
import { letsflow } from '../surfaces.js';
import { PROCESS_EXAMPLE, PROCESS_ID } from './examples.js';
import { actorSchema, processEventSchema, processSchema } from './process.js';

/** Body of `POST /processes`: the action as its key, or with a response; actors by key. */
const startSchema = z
  .object({
    scenario: z.string().min(1).max(500).meta({
      description: 'Id of a scenario, its name (the latest version that is not disabled), or `name@version`.',
    }),
    actors: z.record(z.string(), actorSchema).optional(),
    action: z
      .union([
        z
          .string()
          .min(1)
          .transform((key): { key: string; response?: unknown } => ({ key })),
        z.object({ key: z.string().min(1), response: z.unknown().optional() }),
        z
          .strictObject({})
          .transform(() => undefined)
          .meta({ description: 'No action.' }),
      ])
      .optional()
      .meta({ description: 'The first action: its key, or its key and the response.' }),
  })
  .meta({ id: 'StartInstructions' });

const predictQuery = z.object({
  predict: flag().optional().meta({ description: 'Whether the process comes with `next`, what will probably come.' }),
  prediction: flag().optional().meta({ description: 'The same as `predict`.' }),
});

const preferHeader = z.object({
  Prefer: z
    .string()
    .max(200)
    .optional()
    .meta({
      description:
        '`return=representation`: the answer holds the process. `respond-async`: the command is accepted with 202 and ' +
        'carried out afterwards.',
      example: 'return=representation',
    }),
});
const watchedHeaders = z.object({
  ...versionHeaders.shape,
  'Preference-Applied': z.string().optional().meta({ description: '`wait=N`, where the request was ready to wait.' }),
});
const matchHeader = z.object({
  'If-Match': z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'ETag the process must have; `*` for any.', example: '*' }),
});

export const processOperations = {
  start: defineOperation({
    id: 'startProcess',
    surface: letsflow,
    method: 'post',
    path: '/processes',
    summary: 'Start a process',
    description: 'A start that is refused leaves nothing behind.',
    privilege: 'process:start',
    query: predictQuery,
    headers: z.object({ ...commandHeaders.shape, ...actingHeaders.shape, ...asyncHeaders.shape }),
    body: json(startSchema),
    answers: {
      201: {
        description: 'Created',
        schema: processSchema,
        headers: z.object({ ...locationHeader.shape, ...versionHeaders.shape }),
      },
      202: acceptedAnswer,
    },
    errors: [
      'unknown_scenario',
      'scenario_disabled',
      'step_refused',
      'evaluation_failed',
      'idempotency_in_flight',
      'idempotency_mismatch',
    ],
    examples: [
      {
        summary: 'With actors and a first action',
        body: {
          scenario: PROCESS_EXAMPLE.scenario.id,
          actors: { client: { id: 'claire' } },
          action: { key: 'request', response: 'ten chairs' },
        },
        status: 201,
        answer: PROCESS_EXAMPLE,
      },
      {
        summary: 'Later',
        headers: { Prefer: 'respond-async' },
        body: { scenario: PROCESS_EXAMPLE.scenario.id },
        status: 202,
        answer: acceptedExample('process.start'),
      },
    ],
  }),

  read: defineOperation({
    id: 'getProcess',
    surface: letsflow,
    method: 'get',
    path: '/processes/{id}',
    summary: 'Get a process by ID',
    query: z.object({
      ...predictQuery.shape,
      fields: list(processFieldSchema, { max: 20 }).optional().meta({
        description: 'The members wanted, separated by commas; what is not asked for is not read.',
        example: 'current,vars',
      }),
      at: z.string().max(100).optional().meta({
        description: 'The process as it was: after the event with this hash, or at this time.',
        example: '2026-01-05T09:30:00Z',
      }),
    }),
    headers: z.object({
      'If-None-Match': z.string().max(2_000).optional().meta({ description: 'ETags the caller has already.' }),
      Prefer: z.string().max(200).optional().meta({
        description: '`wait=N`, with `If-None-Match`: answers when the process changes, within N seconds (at most 60).',
        example: 'wait=30',
      }),
    }),
    answers: {
      200: { description: 'Success', schema: processSchema.partial(), headers: watchedHeaders },
      304: { description: 'Not changed', headers: watchedHeaders },
    },
    errors: ['process_not_found', 'event_not_found'],
    examples: [{ summary: 'All of it', params: { id: PROCESS_ID }, status: 200, answer: PROCESS_EXAMPLE }],
  }),

  events: defineOperation({
    id: 'listProcessEvents',
    surface: letsflow,
    method: 'get',
    path: '/processes/{id}/events',
    summary: 'List the events of a process, oldest first',
    query: z.object({
      from: integer({ min: 0, max: 2_147_483_647 }).default(0).meta({ description: 'Index of the first event.' }),
      limit: integer({ min: 1, max: 1_000 }).default(100),
    }),
    headers: z.object({
      Accept: z.string().max(1_000).optional().meta({ description: '`text/event-stream`: the events as they come.' }),
      'Last-Event-ID': z
        .string()
        .regex(/^\d{1,9}$/, 'is the index of an event')
        .optional()
        .meta({ description: 'Index of the last event that was received; a stream goes on after it.', example: '3' }),
    }),
    answers: {
      200: {
        description: 'A page of events; or a stream of them, each with its index as `id`, until the process has ended.',
        schema: z.array(processEventSchema),
        media: ['application/json', 'text/event-stream'],
        headers: z.object({
          'X-Total-Count': z.string().optional().meta({ description: 'Number of events there are; not of a stream.' }),
          Link: z.string().optional().meta({ description: 'The next page, `rel="next"`.' }),
        }),
      },
      204: {
        description: 'A stream was asked for, the process has ended, and all events were received: none will come.',
      },
    },
    errors: ['process_not_found'],
    examples: [{ summary: 'The first page', params: { id: PROCESS_ID }, status: 200, answer: PROCESS_EXAMPLE.events }],
  }),

  verify: defineOperation({
    id: 'verifyProcess',
    surface: letsflow,
    method: 'get',
    path: '/processes/{id}/verify',
    summary: 'Recompute the hash chain of a process',
    answers: { 200: { description: 'What came of it.', schema: verifyProcess.answer } },
    errors: ['process_not_found'],
    examples: [
      {
        summary: 'Nothing was changed',
        params: { id: PROCESS_ID },
        status: 200,
        answer: { valid: true, events: 2, head: PROCESS_EXAMPLE.events[1].hash },
      },
    ],
  }),

  rebuild: defineOperation({
    id: 'rebuildProcess',
    surface: letsflow,
    method: 'post',
    path: '/processes/{id}/snapshot/rebuild',
    summary: 'Make anew from its events what is kept of a process',
    description: 'For operators: recomputes the process, compares, and puts right what differs.',
    privilege: 'process:super',
    answers: { 200: { description: 'What came of it.', schema: rebuildProcess.answer } },
    errors: ['process_not_found'],
    examples: [
      {
        summary: 'All was well',
        params: { id: PROCESS_ID },
        status: 200,
        answer: { repaired: false, differences: [] },
      },
    ],
  }),

  step: defineOperation({
    id: 'stepProcess',
    surface: letsflow,
    method: 'post',
    path: '/processes/{id}/{action}',
    summary: 'Step through a process',
    description: 'The body is the response: any JSON value, a text, or nothing. A refused action is on record.',
    privilege: 'process:step',
    query: predictQuery,
    headers: z.object({
      ...commandHeaders.shape,
      ...actingHeaders.shape,
      ...preferHeader.shape,
      ...matchHeader.shape,
    }),
    body: {
      optional: true,
      content: {
        'application/json': z.unknown().meta({ description: 'The response.' }),
        'text/plain': z.string().meta({ description: 'The response, a text.' }),
      },
    },
    answers: {
      200: {
        description: 'Done; the process after it, as `Prefer: return=representation` or `predict` asks for.',
        schema: processSchema,
        headers: versionHeaders,
      },
      202: acceptedAnswer,
      204: { description: 'Done', headers: versionHeaders },
    },
    errors: [
      'process_not_found',
      'step_refused',
      'evaluation_failed',
      'precondition_failed',
      'version_conflict',
      'idempotency_in_flight',
      'idempotency_mismatch',
    ],
    examples: [
      {
        summary: 'With a response',
        params: { id: PROCESS_ID, action: 'accept' },
        body: { price: 1_200 },
        status: 204,
      },
      {
        summary: 'With a text as response, and the process as answer',
        params: { id: PROCESS_ID, action: 'request' },
        headers: { Prefer: 'return=representation' },
        body: 'ten chairs',
        media: 'text/plain',
        status: 200,
        answer: PROCESS_EXAMPLE,
      },
      {
        summary: 'Later',
        params: { id: PROCESS_ID, action: 'accept' },
        headers: { Prefer: 'respond-async' },
        status: 202,
        answer: acceptedExample('process.step'),
      },
    ],
  }),
};
