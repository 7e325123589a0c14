import {
  HandoverError,
  getProcess,
  listEvents,
  processFieldSchema,
  startProcess,
  stepProcess,
  verifyProcess,
  type ProcessAnswer,
  type ProcessField,
} from '@handover/contracts';
import { Hono } from 'hono';
import { z } from 'zod';
import { isJson, mediaType, parseJsonBody, readJson, readQuery, readText } from '../../http/body.js';
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
    const caller = await ports.caller(context);
    const query = { id: context.req.param('id'), ...fields(context) };
    const found = await ports.ask(context, getProcess, query, caller);
    withVersion(context, found);
    if (tags(context.req.header('If-None-Match')).includes(found.etag)) return context.body(null, 304);
    return context.json(found.process);
  });

  routes.get('/:id/events', async (context) => {
    const caller = await ports.caller(context);
    const { from, limit } = readQuery(context, eventPage);
    const process = context.req.param('id');
    const { events, total } = await ports.ask(context, listEvents, { process, from, limit }, caller);
    context.header('X-Total-Count', String(total));
    const next = from + events.length;
    if (next < total) context.header('Link', `</processes/${process}/events?from=${next}&limit=${limit}>; rel="next"`);
    return context.json(events);
  });

  routes.get('/:id/verify', async (context) => {
    const process = context.req.param('id');
    return context.json(await ports.ask(context, verifyProcess, { process }, await ports.caller(context)));
  });

  routes.post('/:id/:action', async (context) => {
    const caller = await ports.caller(context);
    const { id, action } = context.req.param();
    const representation = prefersRepresentation(context);
    const command = {
      process: id,
      action,
      representation,
      ...(await readResponse(context)),
      ...asActor(context),
      ...ifMatch(context),
    };
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

/** The entity tags of a conditional header (RFC 9110 §8.8.3), without quotes; weak ones compare alike here. */
function tags(header: string | undefined): string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^(W\/)?"(.*)"$/, '$2'));
}

/** RFC 9110 If-Match: one version, or `*` for any. */
function ifMatch(context: RequestContext): { ifMatch?: string } {
  const header = context.req.header('If-Match');
  if (header === undefined || header.trim() === '*') return {};
  const [tag = '', ...others] = tags(header);
  if (others.length > 0) throw new HandoverError('invalid_request', 'If-Match takes one entity tag');
  return { ifMatch: tag };
}

const eventPage = z.object({
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

const fieldList = z.object({
  fields: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(processFieldSchema))
    .optional(),
});

/** `?fields=current,vars`: the members of the process that are wanted. */
function fields(context: RequestContext): { fields?: ProcessField[] } {
  const { fields: wanted } = readQuery(context, fieldList);
  return wanted ? { fields: wanted } : {};
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
