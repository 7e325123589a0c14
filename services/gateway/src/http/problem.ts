import { HandoverError, platform, toProblem } from '@handover/contracts';
import { isConnectionFailure } from '@handover/database';
import { databaseIsAway, type Logger } from '@handover/runtime';
import { addHeader, respond } from './answer.js';
import type { RequestContext } from './context.js';

/**
 * The answer to a failed request, in the dialect of the API that is spoken at this address; RFC 9457 problem+json where none
 * is. What was not thrown on purpose is logged whole and answered as an empty-handed 500.
 */
export function problemResponse(thrown: unknown, context: RequestContext, log: Logger): Response {
  const error = isConnectionFailure(thrown) ? databaseIsAway(thrown) : thrown;
  const requestId = context.get('requestId');
  const problem = toProblem(error, requestId);
  if (!(error instanceof HandoverError) || problem.status >= 500) {
    log.error({ requestId, err: error, method: context.req.method, path: context.req.path }, 'request failed');
  }
  const { failure } = context.get('surface') ?? platform;
  if (problem.code === 'unauthenticated') addHeader(context, 'WWW-Authenticate', 'Bearer');
  // A body that says its length is read to its end and dropped. The end of another is nowhere near: nothing can follow on it.
  const isEndless = context.req.header('Content-Length') === undefined;
  if (problem.code === 'body_too_large' && isEndless) addHeader(context, 'Connection', 'close');
  if (problem.retryAfter !== undefined) addHeader(context, 'Retry-After', String(Math.ceil(problem.retryAfter)));
  const status = failure.status?.(problem) ?? problem.status;
  return respond(context, status, JSON.stringify(failure.render(problem)), { 'Content-Type': failure.media });
}
