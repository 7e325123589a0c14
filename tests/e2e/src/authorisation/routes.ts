import { holds, type Privilege } from '@handover/contracts';
import type { Caller } from './callers.js';
import { ACTORS, SCENARIO, type World } from './world.js';

/** One column of the table: a request, and the status it is answered with. */
export interface Entry {
  readonly path: (world: World) => string;
  readonly json?: (world: World) => unknown;
  /** For a caller whose token is good, or for anybody where nobody is asked. */
  readonly status: (caller: Caller) => number;
  readonly isPublic?: boolean;
}

const NOWHERE = '00000000-0000-4000-8000-000000000000';

type Status = Entry['status'];

/** 403 without one of the privileges. */
export const needs =
  (anyOf: Privilege | readonly Privilege[], otherwise: number | Status): Status =>
  (caller) => {
    if (![anyOf].flat().some((privilege) => holds({ privileges: [...caller.privileges] }, privilege))) return 403;
    return typeof otherwise === 'number' ? otherwise : otherwise(caller);
  };
/** What does not exist for them is answered as if it were not there. */
export const hidden =
  (status: number, otherwise: number | Status): Status =>
  (caller) => {
    if (caller.reach === 'elsewhere') return status;
    return typeof otherwise === 'number' ? otherwise : otherwise(caller);
  };
/** Nothing for a key that is restricted to some processes. */
export const ofTenant =
  (status: number): Status =>
  ({ isRestricted }) =>
    isRestricted ? 403 : status;

const readsProcess = hidden(404, ({ reads }) => (reads ? 200 : 403));

/** Needs a privilege of the key, and then finds nothing. */
const onNothing = (privilege: Privilege | readonly Privilege[], path: string, json?: unknown): Entry => ({
  path: () => path,
  ...(json !== undefined && { json: () => json }),
  status: needs(privilege, 404),
});
const open = (privilege: Privilege | readonly Privilege[], status: number, path: string, json?: unknown): Entry => ({
  path: () => path,
  ...(json !== undefined && { json: () => json }),
  status: needs(privilege, status),
});
/** For the proxy key of an agent instance alone; here of another one than any caller's. */
const ofAgent = (path: string, json?: unknown): Entry => ({
  path: () => path,
  ...(json !== undefined && { json: () => json }),
  status: () => 403,
});
const RECORDS = `/internal/v1/instances/${NOWHERE}/workflows`;

/** The routes of the other REST surfaces; what they do for those they are for, the tests of each show. */
const DOOR_ROUTES: Readonly<Record<string, Entry>> = {
  'GET /v1/processes': open('processes:read', 200, '/v1/processes'),
  'POST /v1/processes': {
    ...open('processes:write', 400, '/v1/processes', {
      name: 'Loop',
      steps: [{ type: 'text', key: 'a', label: 'A', pattern: '(' }],
    }),
  },
  'GET /v1/processes/:id': onNothing('processes:read', `/v1/processes/${NOWHERE}`),
  'DELETE /v1/processes/:id': onNothing('processes:write', `/v1/processes/${NOWHERE}`),
  'POST /v1/processes/:process_id/start': onNothing('processes:write', `/v1/processes/${NOWHERE}/start`, {
    asset_id: NOWHERE,
  }),
  'GET /v1/processes/instances': open('processes:read', 200, '/v1/processes/instances'),
  'GET /v1/processes/instances/:id': onNothing('processes:read', `/v1/processes/instances/${NOWHERE}`),
  'POST /v1/processes/instances/:instance_id/advance': onNothing(
    'processes:write',
    `/v1/processes/instances/${NOWHERE}/advance`,
    {},
  ),
  'POST /v1/processes/instances/:instance_id/cancel': onNothing(
    'processes:write',
    `/v1/processes/instances/${NOWHERE}/cancel`,
  ),
  'GET /v1/assets': open('assets:read', 200, '/v1/assets'),
  'POST /v1/assets': open('assets:write', 201, '/v1/assets', { name: 'A laptop' }),
  'GET /v1/assets/:id': onNothing('assets:read', `/v1/assets/${NOWHERE}`),
  'PATCH /v1/assets/:id': onNothing('assets:write', `/v1/assets/${NOWHERE}`, { name: 'Another' }),

  'GET /internal/v1/instances/:instance_id/workflows': ofAgent(RECORDS),
  'POST /internal/v1/instances/:instance_id/workflows': ofAgent(RECORDS, {
    customer_id: NOWHERE,
    workflow_type: 'lead',
  }),
  'GET /internal/v1/instances/:instance_id/workflows/:id': ofAgent(`${RECORDS}/${NOWHERE}`),
  'PATCH /internal/v1/instances/:instance_id/workflows/:id': ofAgent(`${RECORDS}/${NOWHERE}`, { action: 'x' }),
  'POST /internal/v1/instances/:instance_id/workflows/:id/suspend': ofAgent(`${RECORDS}/${NOWHERE}/suspend`, {
    step: 'x',
  }),
  'POST /internal/v1/instances/:instance_id/workflows/:id/resume': ofAgent(`${RECORDS}/${NOWHERE}/resume`, {}),
  'GET /v1/workflows': open('workflows:admin', 200, '/v1/workflows'),
  'GET /v1/workflows/suspended': open('workflows:admin', 200, '/v1/workflows/suspended'),
  'GET /v1/workflows/:id': onNothing('workflows:admin', `/v1/workflows/${NOWHERE}`),
  'POST /v1/workflows/:id/abort': onNothing('workflows:admin', `/v1/workflows/${NOWHERE}/abort`),
  'POST /v1/workflows/:id/resume': onNothing('workflows:admin', `/v1/workflows/${NOWHERE}/resume`, {}),
  'POST /v1/workflows/:id/suspend': onNothing('workflows:admin', `/v1/workflows/${NOWHERE}/suspend`, { step: 'x' }),

  'POST /cases': open('cases:write', 201, '/cases', {}),
  'GET /cases/:caseId': onNothing('cases:read', `/cases/${NOWHERE}`),
  'POST /parameters': onNothing(['cases:write', 'workflows:run'], '/parameters', {
    workflowDefinitionId: NOWHERE,
    parameters: {},
  }),
  'POST /workflows/run': onNothing('workflows:run', '/workflows/run', {
    caseId: NOWHERE,
    workflowDefinitionId: NOWHERE,
  }),
  'GET /workflows/:workflowId': onNothing('workflows:read', `/workflows/${NOWHERE}`),
  'GET /workflows/:workflowId/result': onNothing('workflows:read', `/workflows/${NOWHERE}/result`),
};

/** Every route of the gateway. A route without an entry fails the test that reads this. */
export const ROUTES: Readonly<Record<string, Entry>> = {
  'GET /': { path: () => '/', status: () => 302, isPublic: true },
  'GET /openapi.json': { path: () => '/openapi.json', status: () => 200, isPublic: true },
  'GET /api-docs': { path: () => '/api-docs', status: () => 200, isPublic: true },
  'GET /api-docs/:asset': { path: () => '/api-docs/swagger-ui.css', status: () => 200, isPublic: true },
  'GET /.well-known/jwks.json': { path: () => '/.well-known/jwks.json', status: () => 200, isPublic: true },
  'GET /info': { path: () => '/info', status: () => 200, isPublic: true },
  'GET /demo-accounts': { path: () => '/demo-accounts', status: () => 403, isPublic: true },

  'GET /asyncapi.json': { path: () => '/asyncapi.json', status: () => 200, isPublic: true },

  'GET /scenarios': { path: () => '/scenarios', status: needs('scenario:read', 200) },
  'POST /scenarios': {
    path: () => '/scenarios',
    json: () => ({ ...SCENARIO, title: 'stored' }),
    status: needs('scenario:write', ofTenant(201)),
  },
  'GET /scenarios/:id': {
    path: ({ scenario }) => `/scenarios/${scenario}`,
    status: needs('scenario:read', hidden(404, 200)),
  },
  'GET /scenarios/:id/diagram': {
    path: ({ scenario }) => `/scenarios/${scenario}/diagram`,
    status: needs('scenario:read', hidden(404, 200)),
  },
  'DELETE /scenarios/:id': {
    path: ({ doomedScenario }) => `/scenarios/${doomedScenario}`,
    status: needs('scenario:write', hidden(404, 204)),
  },

  'POST /processes': {
    path: () => '/processes',
    json: ({ scenario }) => ({ scenario, actors: ACTORS }),
    status: needs('process:start', hidden(400, 201)),
  },
  'GET /processes': { path: () => '/processes?all=true', status: needs('process:super', 200) },
  'GET /processes/:id': { path: ({ process }) => `/processes/${process}`, status: readsProcess },
  'GET /processes/:id/events': { path: ({ process }) => `/processes/${process}/events`, status: readsProcess },
  'GET /processes/:id/verify': { path: ({ process }) => `/processes/${process}/verify`, status: readsProcess },
  'GET /processes/:id/diagram': { path: ({ process }) => `/processes/${process}/diagram`, status: readsProcess },
  'POST /processes/:id/snapshot/rebuild': {
    path: ({ process }) => `/processes/${process}/snapshot/rebuild`,
    status: needs('process:super', (caller) => (caller.isRestricted ? 403 : caller.reach === 'elsewhere' ? 404 : 200)),
  },
  'POST /processes/:id/:action': {
    path: ({ process }) => `/processes/${process}/go`,
    status: needs(
      'process:step',
      hidden(404, ({ acts }) => (acts ? 204 : 403)),
    ),
  },

  'POST /processes/:id/notifications/retry': {
    path: ({ process }) => `/processes/${process}/notifications/retry`,
    status: needs('process:super', (caller) => (caller.isRestricted ? 403 : caller.reach === 'elsewhere' ? 404 : 200)),
  },

  'GET /apikey': { path: () => '/apikey', status: needs(['apikey:issue', 'apikey:revoke'], 200) },
  'POST /apikey': { path: () => '/apikey', json: () => ({ name: 'new' }), status: needs('apikey:issue', 201) },
  'DELETE /apikey/:id': {
    path: ({ doomedKey }) => `/apikey/${doomedKey}`,
    status: needs('apikey:revoke', hidden(404, 204)),
  },

  'GET /commands/:id': {
    path: ({ command }) => `/commands/${command}`,
    status: hidden(404, ({ privileges, isRestricted }) =>
      holds({ privileges: [...privileges] }, 'process:super') && !isRestricted ? 200 : 404,
    ),
  },

  'GET /migrations': { path: () => '/migrations', status: needs('process:super', ofTenant(200)) },
  'POST /migrations': {
    path: () => '/migrations',
    json: ({ scenario, other }) => ({ selection: { scenario }, to: other, dryRun: true }),
    status: needs('process:super', (caller) => (caller.isRestricted ? 403 : hidden(400, 202)(caller))),
  },
  'GET /migrations/:id': {
    path: () => `/migrations/${NOWHERE}`,
    status: needs('process:super', ofTenant(404)),
  },
  'GET /migrations/:id/processes': {
    path: () => `/migrations/${NOWHERE}/processes`,
    status: needs('process:super', ofTenant(404)),
  },

  'GET /incidents': { path: () => '/incidents', status: needs('process:super', ofTenant(200)) },
  'POST /incidents/retry': { path: () => '/incidents/retry', status: needs('process:super', ofTenant(200)) },
  'POST /incidents/:id/retry': {
    path: () => `/incidents/${NOWHERE}/retry`,
    status: needs('process:super', ofTenant(404)),
  },

  'GET /schemas': { path: () => '/schemas', status: needs('scenario:read', 200) },
  'GET /schemas/:id': { path: () => '/schemas/nothing', status: needs('scenario:read', 404) },
  'PUT /schemas/:id': {
    path: () => '/schemas/person',
    json: () => 'no schema',
    status: needs('scenario:write', ofTenant(400)),
  },
  'DELETE /schemas/:id': { path: () => '/schemas/nothing', status: needs('scenario:write', ofTenant(404)) },
  'GET /services': { path: () => '/services', status: needs('services:read', 200) },
  'GET /services/:name': { path: () => '/services/nobody', status: needs('services:read', 404) },
  'PUT /services/:name': {
    path: () => '/services/mail',
    json: () => ({ provider: 'webhook', url: 'http://10.0.0.1/' }),
    status: needs('services:write', 400),
  },
  'DELETE /services/:name': { path: () => '/services/nobody', status: needs('services:write', 404) },
  'GET /deliveries': { path: () => '/deliveries', status: needs('services:read', 200) },
  'GET /deliveries/:id': { path: () => `/deliveries/${NOWHERE}`, status: needs('services:read', 404) },
  'POST /deliveries/:id/retry': { path: () => `/deliveries/${NOWHERE}/retry`, status: needs('services:write', 404) },
  'POST /deliveries/retry': {
    path: () => '/deliveries/retry',
    json: () => ({ status: 'failed' }),
    status: needs('services:write', 200),
  },

  'GET /webhooks': { path: () => '/webhooks', status: needs('webhooks:read', 200) },
  'POST /webhooks': {
    path: () => '/webhooks',
    json: () => ({ url: 'http://127.0.0.1:9/hook', events: ['process.completed'] }),
    status: needs('webhooks:write', 201),
  },
  'GET /webhooks/:id': { path: () => `/webhooks/${NOWHERE}`, status: needs('webhooks:read', 404) },
  'PATCH /webhooks/:id': {
    path: () => `/webhooks/${NOWHERE}`,
    json: () => ({ enabled: false }),
    status: needs('webhooks:write', 404),
  },
  'POST /webhooks/:id/rotate-secret': {
    path: () => `/webhooks/${NOWHERE}/rotate-secret`,
    json: () => ({}),
    status: needs('webhooks:write', 404),
  },
  'POST /webhooks/:id/ping': { path: () => `/webhooks/${NOWHERE}/ping`, status: needs('webhooks:write', 404) },
  'DELETE /webhooks/:id': { path: () => `/webhooks/${NOWHERE}`, status: needs('webhooks:write', 404) },

  ...DOOR_ROUTES,
};
