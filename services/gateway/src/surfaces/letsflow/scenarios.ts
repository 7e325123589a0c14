import { HandoverError, disableScenario, getScenario, listScenarios, storeScenario } from '@handover/contracts';
import { Hono } from 'hono';
import { isJson, mediaType, readText } from '../../http/body.js';
import type { GatewayEnv, SurfacePorts } from '../../http/context.js';

const YAML_TYPES = new Set(['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']);

/** `/scenarios` of the LetsFlow API. */
export function scenarioRoutes(ports: SurfacePorts): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();

  routes.get('/', async (context) => {
    const { scenarios } = await ports.ask(context, listScenarios, {}, await ports.caller(context));
    return context.json(scenarios);
  });

  routes.post('/', async (context) => {
    const caller = await ports.caller(context);
    const format = scenarioFormat(mediaType(context));
    const stored = await ports.ask(context, storeScenario, { source: await readText(context), format }, caller);
    context.header('Location', `/scenarios/${stored.id}`);
    return context.json(stored, 201);
  });

  routes.get('/:id', async (context) => {
    const scenario = await ports.ask(
      context,
      getScenario,
      { id: context.req.param('id') },
      await ports.caller(context),
    );
    if (scenario.disabled) context.header('X-Disabled', 'true');
    return context.json(scenario.normalised);
  });

  routes.delete('/:id', async (context) => {
    await ports.ask(context, disableScenario, { id: context.req.param('id') }, await ports.caller(context));
    return context.body(null, 204);
  });

  return routes;
}

function scenarioFormat(type: string): 'json' | 'yaml' {
  if (isJson(type)) return 'json';
  if (YAML_TYPES.has(type)) return 'yaml';
  throw new HandoverError(
    'unsupported_media_type',
    `A scenario is sent as application/json or application/yaml, not as '${type || 'nothing said'}'`,
  );
}
