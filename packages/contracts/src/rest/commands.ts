import { z } from 'zod';
import { commandStatusSchema, type CommandStatus, type PostedCommand } from '../messages/posted-commands.js';
import { defineOperation } from './operation.js';
import { platform } from './surfaces.js';

const ID = '0f6d3c52-8f0e-4d2b-9a53-2b1a7c0e9f41';

/** The answer to a command that was accepted and not carried out yet (RFC 7240 `respond-async`). */
export const acceptedAnswer = {
  description: 'Accepted, as `Prefer: respond-async` asks for: it is not lost, and is carried out soon.',
  schema: commandStatusSchema,
  headers: z.object({
    Location: z.string().meta({ description: 'Where its status is: `/commands/{id}`.' }),
    'Preference-Applied': z.literal('respond-async'),
  }),
} as const;

/** What a request says to have its command carried out later. */
export const asyncHeaders = z.object({
  Prefer: z.string().max(200).optional().meta({
    description: '`respond-async`: the command is accepted with 202 and carried out afterwards.',
    example: 'respond-async',
  }),
});

/** For the documentation. */
export const acceptedExample = (type: PostedCommand): CommandStatus => ({
  id: ID,
  type,
  status: 'pending',
  createdAt: '2026-01-05T09:30:00.000Z',
});

export const commandOperations = {
  read: defineOperation({
    id: 'getCommand',
    surface: platform,
    method: 'get',
    path: '/commands/{id}',
    summary: 'Get the status of a command',
    description:
      'Of one that was sent with `Prefer: respond-async`, for its sender. It is kept for a day after its end, unless ' +
      'configured otherwise.',
    answers: { 200: { description: 'How far it has got, and what came of it.', schema: commandStatusSchema } },
    errors: ['command_not_found'],
    examples: [
      {
        summary: 'A step that was performed',
        params: { id: ID },
        status: 200,
        answer: {
          id: ID,
          type: 'process.step',
          status: 'done',
          answer: { status: 204, headers: { etag: `"${'5e'.repeat(32)}"` } },
          createdAt: '2026-01-05T09:30:00.000Z',
          finishedAt: '2026-01-05T09:30:00.042Z',
        },
      },
      {
        summary: 'A start that is still to come',
        params: { id: ID },
        status: 200,
        answer: acceptedExample('process.start'),
      },
    ],
  }),
};
