import { HandoverError, type Operation } from '@handover/contracts';
import type { Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { addHeader, completed, respond } from './answer.js';
import type { GatewayEnv, OperationPorts, RequestContext } from './context.js';
import type { Implementation, LooseAnswer } from './operation.js';
import { partsReader, type PartsReader } from './request-parts.js';

export interface MountOptions {
  /** Largest body, in bytes. */
  readonly bodyLimit: number;
}

/**
 * Serves operations: finds out who is calling, checks the request, has it carried out, answers. A path that is written out
 * wins over one with parameters. OPTIONS tells the methods of a path; every other method that it has not is refused.
 */
export function mount(
  app: Hono<GatewayEnv>,
  implementations: readonly Implementation[],
  ports: OperationPorts,
  options: MountOptions,
): void {
  const limit = limitBody(options.bodyLimit);
  for (const implementation of [...implementations].sort(bySpecificity)) {
    const { method, path, surface } = implementation.operation;
    const enter: MiddlewareHandler<GatewayEnv> = (context, next) => {
      context.set('surface', surface);
      return limit(context, next);
    };
    const read = partsReader(implementation.operation);
    app.on(method.toUpperCase(), routePath(path), enter, (context) => carryOut(implementation, read, context, ports));
  }
  const paths = implementations.map(({ operation }) => ({ operation, pattern: patternOf(operation.path) }));
  app.notFound((context) => {
    const here = paths.filter(({ pattern }) => pattern.test(context.req.path)).map(({ operation }) => operation);
    return otherMethod(context, here);
  });
}

/** `/processes/{id}` as the router writes it. */
export const routePath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+')}$`);

/** Written-out segments first, from the left. */
function bySpecificity(one: Implementation, other: Implementation): number {
  const rank = ({ operation }: Implementation): string =>
    operation.path
      .split('/')
      .map((segment) => (segment.includes('{') ? '1' : '0'))
      .join('');
  return rank(one).localeCompare(rank(other));
}

async function carryOut(
  { operation, handle }: Implementation,
  read: PartsReader,
  context: RequestContext,
  ports: OperationPorts,
): Promise<Response> {
  const caller = operation.privilege === null ? undefined : await ports.caller(context);
  const parts = await read(context);
  const idempotencyKey = parts.headers['Idempotency-Key'];
  if (idempotencyKey !== undefined) {
    context.set('messageHeaders', { ...context.get('messageHeaders'), idempotencyKey });
  }
  const request: Record<string, unknown> = {
    ...parts,
    caller,
    ask: (contract: never, body: never) => ports.ask(context, contract, body, caller),
    askAnew: async (contract: never, body: never) =>
      ports.ask(context, contract, body, caller && (await ports.callerAnew(context))),
  };
  const answer = await handle(request, context);
  return 'response' in answer ? completed(context, answer.response) : answered(context, answer);
}

function answered(context: RequestContext, { status, body, text, media, headers = {} }: LooseAnswer): Response {
  if (text !== undefined) return respond(context, status, text, { ...headers, 'Content-Type': media });
  if (body === undefined) return respond(context, status, null, headers);
  return respond(context, status, JSON.stringify(body), { ...headers, 'Content-Type': 'application/json' });
}

function otherMethod(context: RequestContext, here: readonly Operation[]): Response {
  const { method, path } = context.req;
  const [first] = here;
  if (!first) throw new HandoverError('not_found', `There is nothing at ${method} ${path}`);
  context.set('surface', first.surface);
  const methods = here.map((operation) => operation.method.toUpperCase());
  const allowed = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort();
  addHeader(context, 'Allow', allowed.join(', '));
  if (method === 'OPTIONS') return respond(context, 204, null);
  throw new HandoverError('method_not_allowed', `${path} supports ${allowed.join(', ')}, not ${method}`);
}

/** A body that says its length is held against that; only one that does not is counted as it comes, which costs more. */
function limitBody(limit: number): MiddlewareHandler<GatewayEnv> {
  const counted = bodyLimit({ maxSize: limit, onError: () => refuseLargeBody(limit) });
  return (context, next) => {
    const { method } = context.req;
    if (method === 'GET' || method === 'HEAD') return next();
    const length = context.req.header('Content-Length');
    if (length === undefined || context.req.header('Transfer-Encoding') !== undefined) return counted(context, next);
    if (!/^\d+$/.test(length) || Number(length) > limit) refuseLargeBody(limit);
    return next();
  };
}

function refuseLargeBody(limit: number): never {
  throw new HandoverError('body_too_large', `The body is larger than ${limit} bytes`);
}
