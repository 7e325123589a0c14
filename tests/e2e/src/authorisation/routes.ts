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
const needs =
  (anyOf: Privilege | readonly Privilege[], otherwise: number | Status): Status =>
  (caller) => {
    if (![anyOf].flat().some((privilege) => holds({ privileges: [...caller.privileges] }, privilege))) return 403;
    return typeof otherwise === 'number' ? otherwise : otherwise(caller);
  };
/** What does not exist for them is answered as if it were not there. */
const hidden =
  (status: number, otherwise: number | Status): Status =>
  (caller) => {
    if (caller.reach === 'elsewhere') return status;
    return typeof otherwise === 'number' ? otherwise : otherwise(caller);
  };
/** Nothing for a key that is restricted to some processes. */
const ofTenant =
  (status: number): Status =>
  ({ isRestricted }) =>
    isRestricted ? 403 : status;

const readsProcess = hidden(404, ({ reads }) => (reads ? 200 : 403));

/** Every route of the gateway. A route without an entry fails the test that reads this. */
export const ROUTES: Readonly<Record<string, Entry>> = {
  'GET /info': { path: () => '/info', status: () => 200, isPublic: true },
  'GET /demo-accounts': { path: () => '/demo-accounts', status: () => 403, isPublic: true },

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
  'DELETE /scenarios/:id': {
    path: ({ doomedScenario }) => `/scenarios/${doomedScenario}`,
    status: needs('scenario:write', hidden(404, 204)),
  },

  'POST /processes': {
    path: () => '/processes',
    json: ({ scenario }) => ({ scenario, actors: ACTORS }),
    status: needs('process:start', hidden(400, 201)),
  },
  'GET /processes/:id': { path: ({ process }) => `/processes/${process}`, status: readsProcess },
  'GET /processes/:id/events': { path: ({ process }) => `/processes/${process}/events`, status: readsProcess },
  'GET /processes/:id/verify': { path: ({ process }) => `/processes/${process}/verify`, status: readsProcess },
  'POST /processes/:id/:action': {
    path: ({ process }) => `/processes/${process}/go`,
    status: needs(
      'process:step',
      hidden(404, ({ acts }) => (acts ? 204 : 403)),
    ),
  },

  'GET /apikey': { path: () => '/apikey', status: needs(['apikey:issue', 'apikey:revoke'], 200) },
  'POST /apikey': { path: () => '/apikey', json: () => ({ name: 'new' }), status: needs('apikey:issue', 201) },
  'DELETE /apikey/:id': {
    path: ({ doomedKey }) => `/apikey/${doomedKey}`,
    status: needs('apikey:revoke', hidden(404, 204)),
  },

  'GET /incidents': { path: () => '/incidents', status: needs('process:super', ofTenant(200)) },
  'POST /incidents/:id/retry': {
    path: () => `/incidents/${NOWHERE}/retry`,
    status: needs('process:super', ofTenant(404)),
  },

  'GET /webhooks': { path: () => '/webhooks', status: needs('webhooks:read', 200) },
  'POST /webhooks': {
    path: () => '/webhooks',
    json: () => ({ url: 'http://127.0.0.1:9/hook', events: ['process.completed'] }),
    status: needs('webhooks:write', 201),
  },
  'DELETE /webhooks/:id': { path: () => `/webhooks/${NOWHERE}`, status: needs('webhooks:write', 404) },
};
