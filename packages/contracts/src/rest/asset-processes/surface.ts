import { z } from 'zod';
import type { Problem } from '../../errors.js';
import { defineSurface, type FailureDialect } from '../surface.js';

const failureSchema = z.object({
  error: z.string(),
  code: z.string(),
  details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

const CODES: Readonly<Record<number, string>> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'RATE_LIMITED',
};

/** The API knows fewer statuses than the platform. */
const statusOf = ({ code, status }: Problem): number => {
  if (status === 415) return 400;
  return status === 412 || status === 422 || code === 'step_refused' || code === 'scenario_disabled' ? 409 : status;
};

/** Words, a code, and for what is not valid the fields. */
const codeDialect: FailureDialect<typeof failureSchema> = {
  media: 'application/json',
  schema: failureSchema,
  status: statusOf,
  render: (problem) => ({
    error: problem.detail,
    code: CODES[statusOf(problem)] ?? 'INTERNAL_ERROR',
    ...(problem.errors && {
      details: problem.errors.map(({ pointer, detail }) => ({
        field: pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~'),
        message: detail,
      })),
    }),
  }),
};

export const assetProcesses = defineSurface({
  name: 'AssetProcesses',
  description: 'Fixed lists of steps that a person walks through for one asset.',
  failure: codeDialect,
});
