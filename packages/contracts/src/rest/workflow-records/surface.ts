import { z } from 'zod';
import type { Problem } from '../../errors.js';
import { defineSurface, type FailureDialect } from '../surface.js';

const failureSchema = z.object({
  detail: z.union([
    z.string(),
    z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() })),
  ]),
});

const REFUSED: readonly Problem['code'][] = ['invalid_request', 'malformed_body', 'unsupported_media_type'];
const CONFLICTS: readonly Problem['code'][] = [
  'precondition_failed',
  'step_refused',
  'scenario_disabled',
  'idempotency_mismatch',
];

/** 422 with a place for everything that is wrong; otherwise words. */
const detailDialect: FailureDialect<typeof failureSchema> = {
  media: 'application/json',
  schema: failureSchema,
  status: ({ code, status }) => (REFUSED.includes(code) ? 422 : CONFLICTS.includes(code) ? 409 : status),
  render: ({ code, detail, errors }) => {
    if (!REFUSED.includes(code)) return { detail };
    if (!errors?.length) return { detail: [{ loc: ['body'], msg: detail, type: 'value_error' }] };
    return {
      detail: errors.map((error) => ({
        loc: [error.in ?? 'body', ...fieldsOf(error.pointer)],
        msg: error.detail,
        type: error.detail.includes('received undefined') ? 'missing' : 'value_error',
      })),
    };
  },
};

const fieldsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((field) => field.replaceAll('~1', '/').replaceAll('~0', '~'));

export const workflowRecords = defineSurface({
  name: 'WorkflowRecords',
  description: 'Records of long-running work that agents move by named actions and admins watch.',
  failure: detailDialect,
});
