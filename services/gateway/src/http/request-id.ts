import { HandoverError } from '@handover/contracts';
import { withContext } from '@handover/runtime';
import type { MiddlewareHandler } from 'hono';
import { randomUUID } from 'node:crypto';
import type { GatewayEnv } from './context.js';

const ACCEPTABLE = /^[\w.-]{1,64}$/;
/** Printable ASCII without blanks at the ends; what a header can carry and a log can show. */
const IDEMPOTENCY_KEY = /^[!-~]([ -~]{0,253}[!-~])?$/;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/**
 * Gives every request an id (the caller's X-Request-Id where it is one), shown in the answer, the logs and every message
 * sent for it; takes over the trace and the idempotency key that the caller sent.
 */
export const requestIds: MiddlewareHandler<GatewayEnv> = async (context, next) => {
  const given = context.req.header('X-Request-Id');
  const requestId = given !== undefined && ACCEPTABLE.test(given) ? given : randomUUID();
  const traceparent = context.req.header('traceparent');
  const idempotencyKey = context.req.header('Idempotency-Key');
  context.set('requestId', requestId);
  context.set('messageHeaders', {
    requestId,
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });
  context.header('X-Request-Id', requestId);
  if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    throw new HandoverError('invalid_request', 'Idempotency-Key takes up to 255 printable ASCII characters');
  }
  await withContext({ requestId }, next);
};
