import { z } from 'zod';
import { integer } from './parameters.js';

/** An idempotency key: printable ASCII without blanks at the ends; what a header can carry and a log can show. */
export const IDEMPOTENCY_KEY = /^[!-~]([ -~]{0,253}[!-~])?$/;

/** Headers that several operations take. */
export const commandHeaders = z.object({
  'Idempotency-Key': z.string().regex(IDEMPOTENCY_KEY, 'takes up to 255 printable ASCII characters').optional().meta({
    description: 'The command is carried out once per key; the same key again gets the first answer.',
    example: '6d1f6a0e-start',
  }),
});

export const actingHeaders = z.object({
  'As-Actor': z.string().min(1).max(200).optional().meta({
    description: 'Key of the actor to act as, when the caller is more than one of them.',
    example: 'client',
  }),
});

/** Headers of an answer that holds a version of a process. */
export const versionHeaders = z.object({
  ETag: z.string().meta({ description: 'Hash of the last event, in quotes: the version of the process.' }),
  'Last-Modified': z.string().meta({ description: 'Time of the last event.' }),
});

export const locationHeader = z.object({ Location: z.string().meta({ description: 'Where the new thing is.' }) });

/** Which part of a long list. */
export const pageQuery = z.object({
  page: integer({ min: 1, max: 100_000 }).default(1).meta({ description: 'Page, counted from 1.' }),
  limit: integer({ min: 1, max: 1_000 }).default(100).meta({ description: 'Entries on a page.' }),
});

export const pageHeaders = z.object({
  'X-Total-Count': z.string().meta({ description: 'Number of entries on all pages.' }),
  Link: z.string().optional().meta({ description: 'Other pages (RFC 8288): `first`, `prev`, `next`, `last`.' }),
});
