import { HandoverError, getProcess, startProcess, stepProcess, type ProcessAnswer } from '@handover/contracts';
import { Hono } from 'hono';
import { z } from 'zod';
import { isJson, mediaType, parseJsonBody, readJson, readText } from '../../http/body.js';
import type { GatewayEnv, RequestContext, SurfacePorts } from '../../http/context.js';

/** Body of `POST /processes`: the action as its key, or with a response; actors by key. */
const startBody = z.object({
  scenario: z.string().min(1),
  actors: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  action: z
    .union([
      z
        .string()
        .min(1)
        .transform((key): { key: string; response?: unknown } => ({ key })),
      z.object({ key: z.string().min(1), response: z.unknown().optional() }),
    ])
    .optional(),
});

/** `/processes` of the LetsFlow API. */
export function processRoutes(ports: SurfacePorts): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();

  routes.post('/', async (context) => {
    const caller = await ports.caller(context);
    const body = await readJson(context, startBody);
    const started = await ports.ask(context, startProcess, { ...body, ...asActor(context) }, caller);
    context.header('Location', `/processes/${String(started.process.id)}`);
    return withVersion(context, started).json(started.process, 201);
  });

  routes.get('/:id', async (context) => {
    const found = await ports.ask(context, getProcess, { id: context.req.param('id') }, await ports.caller(context));
    withVersion(context, found);
    if (context.req.header('If-None-Match') === `"${found.etag}"`) return context.body(null, 304);
    return context.json(found.process);
  });

  routes.post('/:id/:action', async (context) => {
    const caller = await ports.caller(context);
    const { id, action } = context.req.param();
    const representation = prefersRepresentation(context);
    const command = { process: id, action, representation, ...(await readResponse(context)), ...asActor(context) };
    const stepped = await ports.ask(context, stepProcess, command, caller);
    withVersion(context, stepped);
    return representation ? context.json(stepped.process) : context.body(null, 204);
  });

  return routes;
}

function asActor(context: RequestContext): { actor?: string } {
  const actor = context.req.header('As-Actor');
  return actor === undefined ? {} : { actor };
}

function withVersion(context: RequestContext, { etag, lastModified }: Omit<ProcessAnswer, 'process'>): RequestContext {
  context.header('ETag', `"${etag}"`);
  context.header('Last-Modified', new Date(lastModified).toUTCString());
  return context;
}

/** RFC 7240 `Prefer: return=representation`. */
function prefersRepresentation(context: RequestContext): boolean {
  const preferences = (context.req.header('Prefer') ?? '').split(/[,;]/);
  return preferences.some((preference) => /^\s*return\s*=\s*"?representation"?\s*$/i.test(preference));
}

/** The body of a step is the response itself: any JSON value, a text, or nothing at all (engine-service §3.2). */
async function readResponse(context: RequestContext): Promise<{ response?: unknown }> {
  const text = await readText(context);
  if (text === '') return {};
  const type = mediaType(context);
  if (isJson(type)) return { response: parseJsonBody(text) };
  if (type === 'text/plain') return { response: text };
  throw new HandoverError(
    'unsupported_media_type',
    `A response is sent as application/json or text/plain, not as '${type || 'nothing said'}'`,
  );
}
