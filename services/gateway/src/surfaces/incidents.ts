import { listIncidents, retryIncident } from '@handover/contracts';
import { Hono } from 'hono';
import type { GatewayEnv, SurfacePorts } from '../http/context.js';

/** `/incidents`: what went wrong with nobody waiting, and trying it again. */
export function incidents(ports: SurfacePorts): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();

  routes.get('/', async (context) => {
    const process = context.req.query('process');
    const filter = process === undefined ? {} : { process };
    const listed = await ports.ask(context, listIncidents, filter, await ports.caller(context));
    return context.json(listed.incidents);
  });

  routes.post('/:id/retry', async (context) => {
    const caller = await ports.caller(context);
    return context.json(await ports.ask(context, retryIncident, { id: context.req.param('id') }, caller));
  });

  return routes;
}
