import { readTraceparent, traced, type Metrics } from '@handover/runtime';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { randomUUID } from 'node:crypto';
import { addHeader } from './answer.js';
import type { GatewayEnv, RequestContext } from './context.js';

const ACCEPTABLE = /^[\w.-]{1,64}$/;

/**
 * Around every request: its id (the caller's X-Request-Id where it is one), shown in the answer, the logs and every message
 * sent for it; a span below the trace the caller sent; and what is counted and timed, by the pattern of the route, since a path
 * holds ids and would make a metric each.
 */
export function observed(metrics: Metrics | undefined): MiddlewareHandler<GatewayEnv> {
  return (context, next) => {
    const began = performance.now();
    const given = context.req.header('X-Request-Id');
    const requestId = given !== undefined && ACCEPTABLE.test(given) ? given : randomUUID();
    context.set('requestId', requestId);
    addHeader(context, 'X-Request-Id', requestId);
    const { method } = context.req;
    const parent = readTraceparent(context.req.header('traceparent'));
    return traced(method, { kind: 'server', parent, attributes: { 'http.request.method': method } }, async (own) => {
      const { traceparent } = own;
      context.set('messageHeaders', traceparent === undefined ? { requestId } : { requestId, traceparent });
      await next();
      const { status } = context.res;
      const route = patternOf(context);
      own.rename(`${method} ${route}`);
      own.note({ 'http.route': route, 'http.response.status_code': status });
      if (status >= 500) own.fail(String(status));
      metrics?.count('handover_http_requests_total', { method, route, status: String(status) });
      metrics?.observe('handover_http_request_seconds', { method, route }, (performance.now() - began) / 1_000);
    });
  };
}

/** The last route that matched: those before it are middleware. */
function patternOf(context: RequestContext): string {
  const path = matchedRoutes(context).at(-1)?.path;
  return path === undefined || path === '/*' ? 'none' : path;
}
