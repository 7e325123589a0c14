import { z } from 'zod';
import { problemSchema } from '../errors.js';
import { defineRequest } from '../request.js';

/** Commands of the queue that REST can leave to be carried out later (`Prefer: respond-async`), by their names there. */
export const POSTED_COMMANDS = ['process.start', 'process.step', 'scenario.store', 'scenario.disable'] as const;
export type PostedCommand = (typeof POSTED_COMMANDS)[number];

/** What REST would have answered at once. */
const givenAnswerSchema = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()).meta({ description: 'Names in lower case: `location`, `etag`.' }),
  body: z.unknown().optional(),
});

/** How far a command has got that was accepted to be carried out later. */
export const commandStatusSchema = z
  .object({
    id: z.string(),
    type: z.enum(POSTED_COMMANDS),
    status: z.enum(['pending', 'done', 'rejected']),
    answer: givenAnswerSchema
      .optional()
      .meta({ description: 'Once it is done: what would have been answered at once.' }),
    problem: problemSchema.optional().meta({ description: 'Why it was rejected.' }),
    createdAt: z.string().meta({ description: 'ISO 8601, as all times here.' }),
    finishedAt: z.string().optional(),
  })
  .meta({ id: 'CommandStatus' });
export type CommandStatus = z.infer<typeof commandStatusSchema>;

/**
 * Notes a command that is to be carried out: once this is answered it is not lost. Whether its sender may do it is decided
 * when it is carried out. The same idempotency key again answers the same command.
 */
export const postCommand = defineRequest({
  type: 'command.post.v1',
  service: 'engine',
  body: z.object({
    command: z.enum(POSTED_COMMANDS),
    /** Body of the engine's own request that the command stands for. */
    body: z.unknown(),
  }),
  answer: commandStatusSchema,
});

/** What became of a command: for its sender, and for those who may do anything with processes. */
export const getCommand = defineRequest({
  type: 'command.get.v1',
  service: 'engine',
  body: z.object({ id: z.string() }),
  answer: commandStatusSchema,
});
