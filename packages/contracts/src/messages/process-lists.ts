import { z } from 'zod';
import { defineRequest } from '../request.js';

/** What a list of processes can be sorted by; with a dash in front the last comes first. */
export const PROCESS_SORTS = ['title', '-title', 'created', '-created', 'updated', '-updated'] as const;
export const processSortSchema = z.enum(PROCESS_SORTS);
export type ProcessSort = z.infer<typeof processSortSchema>;

/** Most processes on a page of a list. */
export const LIST_PAGE = 100;
/** The last page that can be asked for by number: what lies beyond is reached with cursors, whose cost does not grow. */
export const LAST_PAGE = 1_000;

const word = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\0]*$/, 'must not contain NUL');
const instant = z.iso.datetime({ offset: true });

/** Which processes are wanted; what is absent does not matter, and what is given holds together. Times are ISO 8601. */
export const processFilterSchema = z.object({
  /** Id of the scenario, its name (any version), or `name@version`. */
  scenario: word.optional(),
  /** Key of the state the process is in. */
  state: word.optional(),
  running: z.boolean().optional(),
  /** All of them. */
  tags: z.array(word).max(20).optional(),
  /** Id of a user who plays one of the actors. */
  actor: word.optional(),
  /** Role whose holders may play one of the actors: one that no user is assigned to. */
  role: word.optional(),
  /** Name of a service that one of the current actions is offered to. */
  service: word.optional(),
  /** Words, or beginnings of words, of the title, in any order and case. */
  text: z.string().min(1).max(200).optional(),
  /** From this time on, inclusive. */
  createdFrom: instant.optional(),
  /** Up to this time, exclusive. */
  createdTo: instant.optional(),
  updatedFrom: instant.optional(),
  updatedTo: instant.optional(),
  /** Whether it has an open incident. */
  incident: z.boolean().optional(),
});
export type ProcessFilter = z.infer<typeof processFilterSchema>;

/** A process as lists show it (engine-service §3.8). */
export const processSummarySchema = z.object({
  id: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
  scenario: z.object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    name: z.string().optional(),
    version: z.string().optional(),
  }),
  /** By key, as the process has them. */
  actors: z.record(z.string(), z.unknown()),
  isRunning: z.boolean(),
  /** Key of the state it is in. */
  state: z.string(),
  /** ISO 8601: times of the first and of the last event. */
  created: z.string(),
  lastUpdated: z.string(),
  /** It stands still because something could not be carried out. */
  incident: z.boolean(),
});
export type ProcessSummary = z.infer<typeof processSummarySchema>;

/**
 * Lists processes the caller may read: those whose actors they play and those their key covers; with `all`, which needs
 * `process:super`, every one of the tenant. A page is asked for by its number or by a cursor of an earlier answer.
 */
export const listProcesses = defineRequest({
  type: 'process.list.v1',
  service: 'engine',
  body: processFilterSchema
    .extend({
      all: z.boolean().default(false),
      sort: z.array(processSortSchema).min(1).max(3).default(['title']),
      limit: z.number().int().min(1).max(LIST_PAGE).default(LIST_PAGE),
      /** Counted from 1. */
      page: z.number().int().min(1).max(LAST_PAGE).optional(),
      cursor: z.string().max(2_000).optional(),
      /** Whether to count all there are; it costs more the more there are. */
      total: z.boolean().default(false),
      /** Whether to answer whole processes, without their history, beside the summaries. */
      documents: z.boolean().default(false),
    })
    .refine(({ page, cursor }) => page === undefined || cursor === undefined, {
      path: ['cursor'],
      message: 'is given beside page: one of them is enough',
    }),
  answer: z.object({
    processes: z.array(processSummarySchema),
    /** Where asked for: the documents (process-semantics §1) without `previous` and `events`, in the same order. */
    documents: z
      .array(z.object({ process: z.record(z.string(), z.unknown()), etag: z.string(), lastModified: z.string() }))
      .optional(),
    /** Cursors of the pages beside this one; absent where there is none. */
    next: z.string().optional(),
    previous: z.string().optional(),
    total: z.number().int().optional(),
  }),
});
