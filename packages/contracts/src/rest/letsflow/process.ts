import { z } from 'zod';

const anything = z.record(z.string(), z.unknown());

/** An actor of a process. */
export const actorSchema = z
  .looseObject({
    id: z.string().optional(),
    title: z.string().optional(),
    role: z.union([z.string(), z.array(z.string())]).optional(),
  })
  .meta({ id: 'Actor' });

/** What actors can do in the current state. */
export const availableActionSchema = z
  .looseObject({
    key: z.string(),
    title: z.unknown(),
    description: z.unknown(),
    actor: z.array(z.string()).meta({ description: 'Keys of actors, and service:NAME of services.' }),
    response: z.unknown().meta({ description: 'JSON Schema of the response; {} accepts anything.' }),
  })
  .meta({ id: 'AvailableAction' });

export const currentStateSchema = z
  .looseObject({
    key: z.string(),
    timestamp: z.string().meta({ description: 'When it was entered, ISO 8601.' }),
    title: z.unknown(),
    description: z.unknown(),
    instructions: anything,
    notify: z.array(anything),
    actions: z.array(availableActionSchema),
  })
  .meta({ id: 'CurrentState' });

/** One line of what happened, in the author's words. */
export const logEntrySchema = z
  .looseObject({
    title: z.unknown().optional(),
    description: z.unknown().optional(),
    timestamp: z.string().optional(),
    actor: anything.optional(),
  })
  .meta({ id: 'LogEntry' });

/** An entry of the hash chain. Instantiation, action, timeout and migration each have more to say. */
export const processEventSchema = z
  .looseObject({ timestamp: z.string(), hash: z.string() })
  .meta({ id: 'ProcessEvent', description: 'An entry of the hash chain.' });

/** A state the process will probably go through. */
export const predictedStateSchema = currentStateSchema
  .omit({ timestamp: true, notify: true })
  .meta({ id: 'PredictedState' });

/** A process, complete (process-semantics §1). */
export const processSchema = z
  .looseObject({
    id: z.string(),
    title: z.string(),
    isRunning: z.boolean(),
    tags: z.array(z.string()),
    scenario: anything.meta({ description: 'The normalised scenario with its id.' }),
    actors: z.record(z.string(), actorSchema),
    vars: anything,
    result: z.unknown(),
    current: currentStateSchema,
    previous: z.array(logEntrySchema),
    events: z.array(processEventSchema),
    next: z.array(predictedStateSchema).optional().meta({ description: 'What will probably come, if asked for.' }),
  })
  .meta({ id: 'Process' });
export type ProcessBody = z.output<typeof processSchema>;
