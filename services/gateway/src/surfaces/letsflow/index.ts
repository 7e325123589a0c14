import { listDemoAccounts } from '@handover/contracts';
import { Hono } from 'hono';
import type { GatewayEnv, SurfacePorts } from '../../http/context.js';
import { apiKeyRoutes } from './apikeys.js';
import { processRoutes } from './processes.js';
import { scenarioRoutes } from './scenarios.js';

/** What `GET /info` says of the installation (engine-service §1). */
export interface SystemInfo {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly env: string;
  /** Ids of the JSON schemas scenarios may refer to. */
  readonly schemas: readonly string[];
}

/** The LetsFlow REST API. */
export function letsflow(info: SystemInfo, ports: SurfacePorts): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();
  routes.get('/info', (context) => context.json(info));
  routes.get('/demo-accounts', async (context) => {
    const { accounts } = await ports.ask(context, listDemoAccounts, {});
    return context.json(accounts);
  });
  routes.route('/scenarios', scenarioRoutes(ports));
  routes.route('/processes', processRoutes(ports));
  routes.route('/apikey', apiKeyRoutes(ports));
  return routes;
}
