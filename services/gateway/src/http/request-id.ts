import { readTraceparent, withContext } from '@handover/runtime';
import type { MiddlewareHandler } from 'hono';
import { randomUUID } from 'node:crypto';
import { addHeader } from './answer.js';
import type { GatewayEnv } from './context.js';

const ACCEPTABLE = /^[\w.-]{1,64}$/;

/**
 * Gives every request an id (the caller's X-Request-Id where it is one), shown in the answer, the logs and every message
 * sent for it; takes over the trace that the caller sent.
 */
export const requestIds: MiddlewareHandler<GatewayEnv> = async (context, next) => {
  const given = context.req.header('X-Request-Id');
  const requestId = given !== undefined && ACCEPTABLE.test(given) ? given : randomUUID();
  const traceparent = readTraceparent(context.req.header('traceparent'));
  context.set('requestId', requestId);
  context.set('messageHeaders', { requestId });
  addHeader(context, 'X-Request-Id', requestId);
  await withContext({ requestId, traceparent }, next);
};
