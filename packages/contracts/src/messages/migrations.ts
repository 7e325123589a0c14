import { z } from 'zod';
import { defineRequest } from '../request.js';

const id = z.uuid().toLowerCase();
const count = z.number().int();

/** Which processes of a scenario are to go on under another one. What is absent restricts nothing. */
export const migrationSelectionSchema = z.object({
  /** Id of the scenario they run under now. */
  scenario: id,
  /** Key of the state they are in. */
  state: z.string().min(1).max(200).optional(),
  /** A tag they have. */
  tag: z.string().min(1).max(300).optional(),
  /** These and no others. */
  ids: z.array(id).min(1).max(1_000).optional(),
  /** Only those that have not ended. */
  running: z.boolean().default(true),
});
export type MigrationSelection = z.infer<typeof migrationSelectionSchema>;

export const migrationSchema = z.object({
  id: z.string(),
  selection: migrationSelectionSchema,
  /** Id of the scenario they go to. */
  to: z.string(),
  /** Nothing is changed; it only finds out which would fit. */
  dryRun: z.boolean(),
  /** `planning`: the processes are being listed; `running`: they are examined and migrated; `done`. */
  status: z.enum(['planning', 'running', 'done']),
  /** Processes selected, as far as they are listed; final once it is no longer planning. */
  total: count,
  /** Looked at so far; of them those that fit and those that do not. */
  examined: count,
  fits: count,
  misfits: count,
  /** Taken to the new scenario: none in a dry run. */
  migrated: count,
  /** ISO 8601. */
  createdAt: z.string(),
  finishedAt: z.string().optional(),
});
export type ProcessMigration = z.infer<typeof migrationSchema>;

/** Begins to take running processes to another scenario, or to find out which would fit. The work outlives restarts. */
export const startMigration = defineRequest({
  type: 'process.migrate.v1',
  service: 'engine',
  body: z.object({
    selection: migrationSelectionSchema,
    to: id,
    dryRun: z.boolean().default(false),
  }),
  answer: migrationSchema,
});

/** How far a migration has got. */
export const getMigration = defineRequest({
  type: 'migration.get.v1',
  service: 'engine',
  body: z.object({ id: z.string() }),
  answer: migrationSchema,
});

/** The latest migrations, newest first, at most a hundred. */
export const listMigrations = defineRequest({
  type: 'migration.list.v1',
  service: 'engine',
  body: z.object({}),
  answer: z.object({ migrations: z.array(migrationSchema) }),
});

/** What came of one process. */
export const migratedProcessSchema = z.object({
  process: z.string(),
  /** State it was in when it was selected. */
  state: z.string(),
  /** Absent until it was examined, as are the members below. */
  fits: z.boolean().optional(),
  migrated: z.boolean(),
  /** State it is, or would be, in under the new scenario. */
  newState: z.string().optional(),
  /** Why it does not fit; everything that is known. */
  reasons: z.array(z.string()),
});
export type MigratedProcess = z.infer<typeof migratedProcessSchema>;

/** The processes of a migration in the order of their ids, in pages. */
export const listMigrationProcesses = defineRequest({
  type: 'migration.processes.v1',
  service: 'engine',
  body: z.object({
    id: z.string(),
    fits: z.boolean().optional(),
    /** Id of the last process of the page before. */
    after: id.optional(),
    limit: z.number().int().min(1).max(1_000).default(100),
  }),
  answer: z.object({
    processes: z.array(migratedProcessSchema),
    /** Where the next page begins; absent on the last one. */
    next: z.string().optional(),
  }),
});
