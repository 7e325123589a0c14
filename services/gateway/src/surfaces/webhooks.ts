import { createWebhook, deleteWebhook, listWebhooks } from '@handover/contracts';
import { Hono } from 'hono';
import { readJson } from '../http/body.js';
import type { GatewayEnv, SurfacePorts } from '../http/context.js';

/** `/webhooks`: who is told of which events. */
export function webhooks(ports: SurfacePorts): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();

  routes.post('/', async (context) => {
    const caller = await ports.caller(context);
    const created = await ports.ask(context, createWebhook, await readJson(context, createWebhook.body), caller);
    context.header('Location', `/webhooks/${created.id}`);
    return context.json(created, 201);
  });

  routes.get('/', async (context) => {
    const listed = await ports.ask(context, listWebhooks, {}, await ports.caller(context));
    return context.json(listed.webhooks);
  });

  routes.delete('/:id', async (context) => {
    await ports.ask(context, deleteWebhook, { id: context.req.param('id') }, await ports.caller(context));
    return context.body(null, 204);
  });

  return routes;
}
