import { issueApiKey, listApiKeys, revokeApiKey } from '@handover/contracts';
import { Hono } from 'hono';
import { readJson } from '../../http/body.js';
import type { GatewayEnv, SurfacePorts } from '../../http/context.js';

/** `/apikey` of the LetsFlow API: keys for software, with the rights their issuer gives them. */
export function apiKeyRoutes(ports: SurfacePorts): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();

  routes.get('/', async (context) => {
    const { keys } = await ports.ask(context, listApiKeys, {}, await ports.caller(context));
    return context.json(keys);
  });

  routes.post('/', async (context) => {
    const caller = await ports.caller(context);
    const issued = await ports.ask(context, issueApiKey, await readJson(context, issueApiKey.body), caller);
    // The one answer that holds the whole token is nobody's to keep.
    context.header('Cache-Control', 'no-store');
    return context.json(issued, 201);
  });

  routes.delete('/:id', async (context) => {
    await ports.ask(context, revokeApiKey, { id: context.req.param('id') }, await ports.caller(context));
    return context.body(null, 204);
  });

  return routes;
}
