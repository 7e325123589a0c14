import { z } from 'zod';
import { scenarioSummarySchema, storeScenario } from '../../messages/engine.js';
import { acceptedAnswer, acceptedExample, asyncHeaders } from '../commands.js';
import { commandHeaders, locationHeader, pageHeaders, pageQuery } from '../headers.js';
import { defineOperation } from '../operation.js';
import { list } from '../parameters.js';
import { letsflow } from '../surfaces.js';

/** A scenario as JSON; the language itself checks what is inside. */
export const scenarioDocumentSchema = z
  .record(z.string(), z.unknown())
  .meta({ id: 'Scenario', description: 'A scenario of the LetsFlow language.' });

const yamlText = z.string().meta({ description: 'A scenario as YAML, with the tags !ref, !tpl and the others.' });

/** Done again, a command of scenarios changes nothing: its key matters only to one that is carried out later. */
const postedHeaders = z.object({ ...commandHeaders.shape, ...asyncHeaders.shape });

const ID = '1fd96b1a-8a5d-5d23-8b86-ea1ea6a4ba2c';
const QUOTE = {
  title: 'Quote',
  actors: { client: {} },
  actions: { request: { actor: 'client' } },
  states: { initial: { on: 'request', goto: '(done)' } },
};

export const scenarioOperations = {
  list: defineOperation({
    id: 'listScenarios',
    surface: letsflow,
    method: 'get',
    path: '/scenarios',
    summary: 'List scenarios',
    description: 'Those that are not disabled, by title.',
    privilege: 'scenario:read',
    query: z.object({
      name: z.string().max(200).optional().meta({ description: 'Exactly this name.' }),
      tag: list(z.string().max(300), { max: 20 }).optional().meta({ description: 'All of these tags.' }),
      text: z.string().max(200).optional().meta({ description: 'Somewhere in name, title or description.' }),
      ...pageQuery.shape,
    }),
    answers: {
      200: { description: 'A page of summaries.', schema: z.array(scenarioSummarySchema), headers: pageHeaders },
    },
    errors: [],
    examples: [
      {
        summary: 'One scenario',
        status: 200,
        answer: [{ id: ID, name: 'quote', title: 'Quote', description: '', tags: [] }],
      },
    ],
  }),

  store: defineOperation({
    id: 'storeScenario',
    surface: letsflow,
    method: 'post',
    path: '/scenarios',
    summary: 'Store a scenario',
    description:
      'The same scenario again gets the same id, and is enabled if it was disabled. What is allowed and probably not meant is warned of, such as a service that nobody has set up.',
    privilege: 'scenario:write',
    headers: postedHeaders,
    body: { content: { 'application/json': scenarioDocumentSchema, 'application/yaml': yamlText }, verbatim: true },
    answers: {
      201: { description: 'Created', schema: storeScenario.answer, headers: locationHeader },
      202: acceptedAnswer,
    },
    errors: ['invalid_scenario', 'scenario_conflict', 'read_only', 'idempotency_mismatch'],
    examples: [
      { summary: 'A small one', body: QUOTE, status: 201, answer: { id: ID, warnings: [] } },
      {
        summary: 'Later',
        headers: { Prefer: 'respond-async' },
        body: QUOTE,
        status: 202,
        answer: acceptedExample('scenario.store'),
      },
    ],
  }),

  read: defineOperation({
    id: 'getScenario',
    surface: letsflow,
    method: 'get',
    path: '/scenarios/{id}',
    summary: 'Get a scenario by ID',
    description:
      'By its id, its name (the latest version that is not disabled) or `name@version`. With the extension `.json` or `.yaml`, or by ' +
      '`Accept`: `application/json` or `application/yaml`.',
    privilege: 'scenario:read',
    headers: z.object({
      Accept: z.string().max(500).optional().meta({ description: 'JSON, unless YAML is preferred.' }),
    }),
    answers: {
      200: {
        description: 'The normalised scenario.',
        schema: scenarioDocumentSchema,
        media: ['application/json', 'application/yaml'],
        headers: z.object({
          Vary: z.string(),
          'X-Disabled': z.literal('true').optional().meta({ description: 'It is disabled: it starts no process.' }),
        }),
      },
    },
    errors: ['scenario_not_found'],
    examples: [{ summary: 'A small one', params: { id: ID }, status: 200, answer: QUOTE }],
  }),

  disable: defineOperation({
    id: 'disableScenario',
    surface: letsflow,
    method: 'delete',
    path: '/scenarios/{id}',
    summary: 'Disable a scenario',
    description: 'No process is started of it any more; the running ones go on. Storing it again enables it.',
    privilege: 'scenario:write',
    headers: postedHeaders,
    answers: { 202: acceptedAnswer, 204: { description: 'No Content' } },
    errors: ['scenario_not_found', 'read_only', 'idempotency_mismatch'],
    examples: [
      { summary: 'Disable', params: { id: ID }, status: 204 },
      {
        summary: 'Later',
        params: { id: ID },
        headers: { Prefer: 'respond-async' },
        status: 202,
        answer: acceptedExample('scenario.disable'),
      },
    ],
  }),
};
