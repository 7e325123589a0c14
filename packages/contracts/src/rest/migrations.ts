import { z } from 'zod';
import { migratedProcessSchema, migrationSchema, startMigration } from '../messages/migrations.js';
import { commandHeaders, locationHeader } from './headers.js';
import { defineOperation, json } from './operation.js';
import { flag, integer } from './parameters.js';
import { platform } from './surfaces.js';

const ID = 'c1f0a8de-5d0c-4c6b-9b1e-6a2f6f0f9a10';
const FROM = '1fd96b1a-8a5d-5d23-8b86-ea1ea6a4ba2c';
const TO = '57ad0e5b-9c5a-57f2-83da-f895a91ff3d8';
const PROCESS = '7c0b7a53-2f0e-4c1b-9d0a-3c2f0a9e4d11';

const begun = {
  id: ID,
  selection: { scenario: FROM, state: 'initial', running: true },
  to: TO,
  dryRun: true,
  status: 'planning' as const,
  ...{ total: 0, examined: 0, fits: 0, misfits: 0, migrated: 0 },
  createdAt: '2026-01-05T09:30:00.000Z',
};
const done = {
  ...begun,
  status: 'done' as const,
  ...{ total: 3, examined: 3, fits: 2, misfits: 1 },
  finishedAt: '2026-01-05T09:30:01.000Z',
};

export const migrationOperations = {
  start: defineOperation({
    id: 'startMigration',
    surface: platform,
    method: 'post',
    path: '/migrations',
    summary: 'Take running processes to another scenario, or find out which would fit',
    description:
      'Everything that happened to a process is done again under the other scenario; where that is possible, it goes on ' +
      'there, with its history. The work goes on in the background, and after a restart.',
    privilege: 'process:super',
    headers: commandHeaders,
    body: json(startMigration.body),
    answers: { 202: { description: 'It has begun.', schema: migrationSchema, headers: locationHeader } },
    errors: ['unknown_scenario', 'scenario_disabled', 'idempotency_mismatch'],
    examples: [
      {
        summary: 'A dry run',
        body: { selection: { scenario: FROM, state: 'initial' }, to: TO, dryRun: true },
        status: 202,
        answer: begun,
      },
    ],
  }),

  list: defineOperation({
    id: 'listMigrations',
    surface: platform,
    method: 'get',
    path: '/migrations',
    summary: 'List migrations, the newest first',
    privilege: 'process:super',
    answers: { 200: { description: 'At most a hundred.', schema: z.array(migrationSchema) } },
    errors: [],
    examples: [{ summary: 'One that is done', status: 200, answer: [done] }],
  }),

  get: defineOperation({
    id: 'getMigration',
    surface: platform,
    method: 'get',
    path: '/migrations/{id}',
    summary: 'See how far a migration has got',
    privilege: 'process:super',
    answers: { 200: { description: 'The migration with its counts.', schema: migrationSchema } },
    errors: ['migration_not_found'],
    examples: [{ summary: 'Done', params: { id: ID }, status: 200, answer: done }],
  }),

  processes: defineOperation({
    id: 'listMigrationProcesses',
    surface: platform,
    method: 'get',
    path: '/migrations/{id}/processes',
    summary: 'List what came of each process, in pages',
    privilege: 'process:super',
    query: z.object({
      fits: flag().optional().meta({ description: 'Only those that fit, or only those that do not.' }),
      after: z.uuid().optional().meta({ description: 'Id of the last process of the page before.' }),
      limit: integer({ min: 1, max: 1_000 }).default(100),
    }),
    answers: {
      200: {
        description: 'In the order of their ids.',
        schema: z.array(migratedProcessSchema),
        headers: z.object({ Link: z.string().optional().meta({ description: 'The next page, `rel="next"`.' }) }),
      },
    },
    errors: ['migration_not_found'],
    examples: [
      {
        summary: 'One that does not fit',
        params: { id: ID },
        query: { fits: 'false' },
        status: 200,
        answer: [
          {
            process: PROCESS,
            state: 'aside',
            fits: false,
            migrated: false,
            reasons: ["State 'aside' not found in scenario"],
          },
        ],
      },
    ],
  }),
};
