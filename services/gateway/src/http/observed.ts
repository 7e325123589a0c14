import { traced, type Metrics } from '@handover/runtime';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { GatewayEnv, RequestContext } from './context.js';

/** Counts and times requests by the pattern of their route: a path holds ids, which would make a metric each. */
export function metered(metrics: Metrics): MiddlewareHandler<GatewayEnv> {
  return async (context, next) => {
    const began = performance.now();
    await next();
    const { method } = context.req;
    const route = patternOf(context);
    metrics.count('handover_http_requests_total', { method, route, status: String(context.res.status) });
    metrics.observe('handover_http_request_seconds', { method, route }, (performance.now() - began) / 1_000);
  };
}

/** A span per request, by the pattern of its route. */
export const tracedRequests: MiddlewareHandler<GatewayEnv> = (context, next) => {
  const { method } = context.req;
  return traced(method, { kind: 'server', attributes: { 'http.request.method': method } }, async (own) => {
    await next();
    if (!own) return;
    const { status } = context.res;
    const route = patternOf(context);
    own.rename(`${method} ${route}`);
    own.note({ 'http.route': route, 'http.response.status_code': status });
    if (status >= 500) own.fail(String(status));
  });
};

/** The last route that matched: those before it are middleware. */
function patternOf(context: RequestContext): string {
  const path = matchedRoutes(context).at(-1)?.path;
  return path === undefined || path === '/*' ? 'none' : path;
}
