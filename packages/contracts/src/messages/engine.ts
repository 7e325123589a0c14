import { z } from 'zod';
import { defineRequest } from '../request.js';

/** A stored document: any JSON object. Its inner form belongs to the language, not to the contract. */
const documentSchema = z.record(z.string(), z.unknown());

export const scenarioSummarySchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  version: z.string().optional(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
});
export type ScenarioSummary = z.infer<typeof scenarioSummarySchema>;

/** Parses, validates and keeps a scenario. The same scenario again answers the same id and enables it. */
export const storeScenario = defineRequest({
  type: 'scenario.store.v1',
  service: 'engine',
  body: z.object({
    /** The document as its author wrote it. */
    source: z.string(),
    format: z.enum(['json', 'yaml']),
  }),
  answer: z.object({
    id: z.string(),
    /** Things that are allowed and probably not meant. */
    warnings: z.array(z.object({ pointer: z.string(), detail: z.string() })),
  }),
});

export const listScenarios = defineRequest({
  type: 'scenario.list.v1',
  service: 'engine',
  body: z.object({
    /** Exactly this name. */
    name: z.string().optional(),
    /** All of these tags. */
    tags: z.array(z.string()).max(20).optional(),
    /** Somewhere in name, title or description, in any case of letters. */
    text: z.string().max(200).optional(),
    /** Default 0. */
    offset: z.number().int().min(0).optional(),
    /** Default 100. */
    limit: z.number().int().min(1).max(1_000).optional(),
  }),
  answer: z.object({
    scenarios: z.array(scenarioSummarySchema),
    /** Number of scenarios there are, on all pages. */
    total: z.number().int(),
  }),
});

/** Id of a stored scenario, its name (the newest of that name that is not disabled), or `name@version`. */
const scenarioReference = z.string().max(500);

export const getScenario = defineRequest({
  type: 'scenario.get.v1',
  service: 'engine',
  body: z.object({ id: scenarioReference }),
  answer: z.object({ id: z.string(), disabled: z.boolean(), normalised: documentSchema }),
});

/** Keeps new processes from being started; the running ones go on. Storing the scenario again enables it. */
export const disableScenario = defineRequest({
  type: 'scenario.disable.v1',
  service: 'engine',
  body: z.object({ id: z.string() }),
  answer: z.object({}),
});

/** A process as a reader sees it: the whole document (process-semantics §1), its ETag and last modification (ISO 8601). */
export const processAnswerSchema = z.object({
  process: documentSchema,
  etag: z.string(),
  lastModified: z.string(),
});
export type ProcessAnswer = z.infer<typeof processAnswerSchema>;

/** Whether the process comes with `next`, the states it will probably go through; left out where that cannot be told. */
const predictSchema = z.boolean().optional();

/** Starts a process: instantiates the scenario and, when given, performs its first action. A refused start leaves nothing behind. */
export const startProcess = defineRequest({
  type: 'process.start.v1',
  service: 'engine',
  body: z.object({
    scenario: scenarioReference,
    /** Actors by key: who plays them and what is known of them. */
    actors: z.record(z.string(), documentSchema).optional(),
    /** Values of variables the scenario declares. */
    vars: documentSchema.optional(),
    /** Tags of this process, beside those of its scenario: what it is found by. */
    tags: z.array(z.string().min(1).max(300)).max(50).optional(),
    action: z.object({ key: z.string(), response: z.unknown().optional() }).optional(),
    /** Actor key to act as (As-Actor). */
    actor: z.string().optional(),
    predict: predictSchema,
  }),
  answer: processAnswerSchema,
});

/** Performs an action. A refused one is recorded as a skipped event and answered with `step_refused` and the reasons. */
export const stepProcess = defineRequest({
  type: 'process.step.v1',
  service: 'engine',
  body: z.object({
    process: z.string(),
    action: z.string(),
    /** Absent: no response was given. */
    response: z.unknown().optional(),
    actor: z.string().optional(),
    /** ETag the process must have (If-Match). */
    ifMatch: z.string().optional(),
    /** Whether the answer shall hold the whole process; it costs reading its history. */
    representation: z.boolean().default(false),
    predict: predictSchema,
  }),
  answer: processAnswerSchema.partial({ process: true }),
});

/** Members of a process document that a reader may ask for alone. */
export const PROCESS_FIELDS = [
  'id',
  'title',
  'isRunning',
  'tags',
  'scenario',
  'actors',
  'vars',
  'result',
  'current',
  'previous',
  'events',
] as const;
export const processFieldSchema = z.enum(PROCESS_FIELDS);
export type ProcessField = z.infer<typeof processFieldSchema>;

/** Reads a process, whole or in parts; what is not asked for is not read. */
export const getProcess = defineRequest({
  type: 'process.get.v1',
  service: 'engine',
  body: z.object({
    id: z.string(),
    fields: z.array(processFieldSchema).min(1).optional(),
    predict: predictSchema,
    /** As it was after the event with this hash, or at this time (ISO 8601). */
    at: z.string().max(100).optional(),
  }),
  answer: processAnswerSchema,
});

/** A process's events, oldest first, in pages. */
export const listEvents = defineRequest({
  type: 'process.events.v1',
  service: 'engine',
  body: z.object({
    process: z.string(),
    /** Index of the first event wanted, counted from 0. */
    from: z.number().int().min(0).default(0),
    limit: z.number().int().min(1).max(1_000).default(100),
  }),
  answer: z.object({
    events: z.array(documentSchema),
    /** Number of events there are. */
    total: z.number().int(),
    /** More may come. */
    running: z.boolean(),
  }),
});

/** Recomputes the hash chain of a process from what is stored. */
export const verifyProcess = defineRequest({
  type: 'process.verify.v1',
  service: 'engine',
  body: z.object({ process: z.string() }),
  answer: z.object({
    valid: z.boolean(),
    events: z.number().int(),
    head: z.string(),
    firstInvalid: z.object({ index: z.number().int(), reason: z.string() }).optional(),
  }),
});

/** Something that could not be carried out with nobody waiting: the process stands still until it is retried or moves on. */
export const incidentSchema = z.object({
  id: z.string(),
  process: z.string(),
  code: z.string(),
  message: z.string(),
  /** Version of the process it happened in. */
  etag: z.string(),
  /** ISO 8601. */
  openedAt: z.string(),
});
export type Incident = z.infer<typeof incidentSchema>;

/** Open incidents, the newest first, in pages. */
export const listIncidents = defineRequest({
  type: 'incident.list.v1',
  service: 'engine',
  body: z.object({
    process: z.string().optional(),
    code: z.string().max(200).optional(),
    limit: z.number().int().min(1).max(100).default(100),
    /** `next` of the page before. */
    cursor: z.string().max(200).optional(),
  }),
  answer: z.object({
    incidents: z.array(incidentSchema),
    /** Cursor of the next page; absent on the last. */
    next: z.string().optional(),
  }),
});

/** Tries again what an incident stopped; it is closed when that succeeds. */
export const retryIncident = defineRequest({
  type: 'incident.retry.v1',
  service: 'engine',
  body: z.object({ id: z.string() }),
  answer: z.object({ closed: z.boolean() }),
});
