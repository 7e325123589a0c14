import {
  getProcess,
  listEvents,
  processOperations as operations,
  rebuildProcess,
  startProcess,
  stepProcess,
  verifyProcess,
  type ProcessBody,
} from '@handover/contracts';
import { preferred } from '../../http/accept.js';
import {
  entityTags,
  ifMatch,
  preferredWait,
  prefersAsync,
  prefersRepresentation,
  versionHeaders,
} from '../../http/conditional.js';
import type { RequestContext } from '../../http/context.js';
import { implement, type Implementation } from '../../http/operation.js';
import { eventStream, streamed, type ReadEvents } from '../../live/event-stream.js';
import { lookUntil, type Watch, type Watches } from '../../live/watches.js';
import { accepted } from '../commands.js';

const EVENT_STREAM = 'text/event-stream';

/** `/processes` of the LetsFlow API. */
export const processes = (watches: Watches): readonly Implementation[] => [
  implement(operations.start, async ({ body: { scenario, actors, action }, query, headers, ask }) => {
    const asked = {
      scenario,
      ...(actors && { actors }),
      ...(action && { action }),
      ...asActor(headers),
      ...predicted(query),
    };
    if (prefersAsync(headers.Prefer)) return accepted(ask, 'process.start', asked);
    const started = await ask(startProcess, asked);
    return {
      status: 201,
      body: started.process as ProcessBody,
      headers: { Location: `/processes/${String(started.process.id)}`, ...versionHeaders(started) },
    };
  }),

  implement(operations.read, async ({ params: { id }, query, headers, askAnew, caller }, context) => {
    const { fields, at } = query;
    const moment = at !== undefined && { at };
    const known = entityTags(headers['If-None-Match']);
    const look = () => askAnew(getProcess, { id, ...(fields && { fields }), ...moment, ...predicted(query) });
    // The past does not change, and who knows no version cannot wait for the next.
    const wait = at === undefined && headers['If-None-Match'] !== undefined ? preferredWait(headers.Prefer) : undefined;
    const found =
      wait === undefined
        ? await look()
        : await lookUntil(watches.watch(caller.principal.tenant, id, context.req.raw.signal), {
            seconds: wait,
            look,
            isThere: ({ etag }) => !known.includes(etag),
          });
    const answered = {
      ...versionHeaders(found),
      ...(wait !== undefined && { 'Preference-Applied': `wait=${wait}` }),
    };
    if (known.includes(found.etag)) return { status: 304, headers: answered };
    return { status: 200, body: found.process as ProcessBody, headers: answered };
  }),

  implement(
    operations.events,
    async ({ params: { id }, query: { from, limit }, headers, ask, askAnew, caller }, context) => {
      if (preferred(headers.Accept, ['application/json', EVENT_STREAM]) === EVENT_STREAM) {
        const watch = watches.watch(caller.principal.tenant, id, context.req.raw.signal);
        const read = (index: number) => askAnew(listEvents, { process: id, from: index, limit });
        const begin = headers['Last-Event-ID'] === undefined ? from : Number(headers['Last-Event-ID']) + 1;
        return { response: await followed(context, watch, read, begin) };
      }
      const { events, total } = await ask(listEvents, { process: id, from, limit });
      const next = from + events.length;
      const link = `</processes/${id}/events?from=${next}&limit=${limit}>; rel="next"`;
      return {
        status: 200,
        body: events as ProcessBody['events'],
        headers: { 'X-Total-Count': String(total), ...(next < total && { Link: link }) },
      };
    },
  ),

  implement(operations.verify, async ({ params: { id }, ask }) => ({
    status: 200,
    body: await ask(verifyProcess, { process: id }),
  })),

  implement(operations.rebuild, async ({ params: { id }, ask }) => ({
    status: 200,
    body: await ask(rebuildProcess, { process: id }),
  })),

  implement(operations.step, async ({ params: { id, action }, query, headers, body, ask }) => {
    const prediction = predicted(query);
    const representation = 'predict' in prediction || prefersRepresentation(headers.Prefer);
    const asked = {
      process: id,
      action,
      representation,
      ...prediction,
      ...(body && { response: body.value }),
      ...asActor(headers),
      ...ifMatch(headers['If-Match']),
    };
    if (prefersAsync(headers.Prefer)) return accepted(ask, 'process.step', asked);
    const stepped = await ask(stepProcess, asked);
    const version = versionHeaders(stepped);
    if (!representation) return { status: 204, headers: version };
    return { status: 200, body: stepped.process as ProcessBody, headers: version };
  }),
];

/**
 * The events of a process as they come. What is wrong from the start is a problem like any other; 204, which tells an
 * EventSource to come back no more, when none will come.
 */
async function followed(context: RequestContext, watch: Watch, read: ReadEvents, from: number): Promise<Response> {
  let isFollowed = false;
  try {
    const first = await read(from);
    if (first.events.length === 0 && !first.running) return context.body(null, 204);
    const headers = { 'Content-Type': EVENT_STREAM, 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
    if (context.req.method === 'HEAD') return context.body(null, 200, headers);
    isFollowed = true;
    return context.body(streamed(eventStream(watch, { first, from, read }), watch), 200, headers);
  } finally {
    if (!isFollowed) watch.close();
  }
}

/** `predict`, which the documentation calls `prediction` (engine-service §3.4). */
const predicted = (query: { predict?: boolean | undefined; prediction?: boolean | undefined }): { predict?: true } =>
  (query.predict ?? query.prediction) ? { predict: true } : {};

const asActor = ({ 'As-Actor': actor }: { 'As-Actor'?: string | undefined }): { actor?: string } =>
  actor === undefined ? {} : { actor };
