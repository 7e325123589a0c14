import { z } from 'zod';
import {
  LAST_PAGE,
  LIST_PAGE,
  listProcesses,
  processFilterSchema,
  processSortSchema,
  processSummarySchema,
} from '../../messages/process-lists.js';
import { defineOperation } from '../operation.js';
import { flag, integer, list, several } from '../parameters.js';
import { letsflow } from '../surfaces.js';
import { PROCESS_EXAMPLE, PROCESS_ID } from './examples.js';

const { scenario, state, actor, role, service, text, tags, createdFrom } = processFilterSchema.shape;
const { cursor } = listProcesses.body.shape;

/** A date stands for its first moment in UTC. */
const time = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value),
  createdFrom,
) as z.ZodType<string | undefined, string | undefined>;

/** Which processes, as a query says it. */
export const processFilterQuery = z.object({
  scenario: scenario.meta({ description: 'Id of a scenario, its name, or `name@version`.', example: 'quote@1' }),
  state: state.meta({ description: 'Key of the state they are in.' }),
  running: flag().optional(),
  tag: several(tags.unwrap().element, { max: 20 })
    .optional()
    .meta({ description: 'May be repeated: all have to match.' }),
  actor: actor.meta({ description: 'Id of a user who plays an actor.' }),
  role: role.meta({ description: 'Role whose holders may play an actor.' }),
  service: service.meta({ description: 'Service that a current action is offered to.' }),
  text: text.meta({ description: 'Words of the title, or their beginnings, in any order and case.' }),
  createdFrom: time.meta({ description: 'A time with offset, or a date; inclusive.', example: '2026-01-01' }),
  createdTo: time.meta({ description: 'Exclusive.' }),
  updatedFrom: time,
  updatedTo: time,
  incident: flag().optional().meta({ description: 'Whether they have an open incident.' }),
});

export const processListOperations = {
  list: defineOperation({
    id: 'listProcesses',
    surface: letsflow,
    method: 'get',
    path: '/processes',
    summary: 'List processes',
    description:
      'Those the caller may read because of an actor they play, or because of what their key was made for. ' +
      'With `all`, which needs `process:super`, those of everybody.',
    query: processFilterQuery.extend({
      all: flag().default(false).meta({ description: 'Also those the caller plays no actor of.' }),
      sort: list(processSortSchema, { max: 3 })
        .default(['title'])
        .meta({ description: 'One or more, separated by commas; a dash in front turns the order round.' }),
      page: integer({ min: 1, max: LAST_PAGE })
        .optional()
        .meta({ description: 'What lies beyond is reached by links.' }),
      cursor: cursor.meta({ description: 'As links have it; good for the same `sort`.' }),
      limit: integer({ min: 1, max: LIST_PAGE }).default(LIST_PAGE),
      total: flag().default(false).meta({ description: 'Whether to count all there are.' }),
    }),
    answers: {
      200: {
        description: 'A page of processes.',
        schema: z.array(processSummarySchema.meta({ id: 'ProcessSummary' })),
        headers: z.object({
          Link: z.string().meta({ description: 'Pages `first`, `next`, `prev` (RFC 8288).' }),
          'X-Total-Count': z.string().optional().meta({ description: 'Number of processes there are, if asked for.' }),
        }),
      },
    },
    errors: [],
    examples: [
      {
        summary: 'What was updated last',
        query: { sort: '-updated', running: 'true' },
        status: 200,
        answer: [
          {
            id: PROCESS_ID,
            title: PROCESS_EXAMPLE.title,
            tags: [],
            scenario: { ...PROCESS_EXAMPLE.scenario, description: '' },
            actors: PROCESS_EXAMPLE.actors,
            isRunning: true,
            state: PROCESS_EXAMPLE.current.key,
            created: PROCESS_EXAMPLE.current.timestamp,
            lastUpdated: PROCESS_EXAMPLE.current.timestamp,
            incident: false,
          },
        ],
      },
    ],
  }),
};
