import { HandoverError, toProblem } from '@handover/contracts';
import type { Logger } from '@handover/runtime';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RequestContext } from './context.js';

/**
 * The answer to a failed request: RFC 9457 problem+json. What was not thrown on purpose is logged whole and answered as an
 * empty-handed 500.
 */
export function problemResponse(error: unknown, context: RequestContext, log: Logger): Response {
  const problem = toProblem(error, context.get('requestId'));
  if (!(error instanceof HandoverError) || problem.status >= 500) {
    log.error({ err: error, method: context.req.method, path: context.req.path }, 'request failed');
  }
  context.header('Content-Type', 'application/problem+json');
  if (problem.code === 'unauthenticated') context.header('WWW-Authenticate', 'Bearer');
  // What was not read of the body is still in the connection: nothing can follow on it.
  if (problem.code === 'body_too_large') context.header('Connection', 'close');
  if (problem.retryAfter !== undefined) context.header('Retry-After', String(Math.ceil(problem.retryAfter)));
  return context.body(JSON.stringify(problem), problem.status as ContentfulStatusCode);
}
