import { OPERATIONS } from '@handover/contracts';
import { openDatabase } from '@handover/database';
import { gatewayApp, gatewayConfig } from '@handover/gateway/in-process';
import { createLogger } from '@handover/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, callers, type Caller } from './src/authorisation/callers.js';
import { ROUTES, type Entry } from './src/authorisation/routes.js';
import { createWorld, type World } from './src/authorisation/world.js';
import { startInProcess, type InProcess } from './src/in-process.js';

let platform: InProcess;
let world: World;
let everybody: Caller[];

beforeAll(async () => {
  platform = await startInProcess({
    auth: { AUTH_ROLES: JSON.stringify(ROLES) },
    gateway: { AUTH_FAILURES_PER_MINUTE: '1000000' },
  });
  world = await createWorld(platform);
  everybody = await callers(platform, world);
});
afterAll(() => platform.stop());

/** What the gateway serves, read off the gateway itself. */
function servedRoutes(): string[] {
  const url = 'postgres://nobody@127.0.0.1/nothing';
  const { db } = openDatabase<never>({ url, applicationName: 'never connects' });
  const config = gatewayConfig.parse({ DATABASE_URL: url });
  const watches = undefined as never;
  const app = gatewayApp(config, { bus: platform.bus, log: createLogger('test', 'silent'), db, watches });
  const routes = app.routes.filter(({ method }) => method !== 'ALL');
  return [...new Set(routes.map(({ method, path }) => `${method} ${path}`))];
}

const expected = ({ isPublic, status }: Entry, caller: Caller): number =>
  isPublic || caller.isKnown ? status(caller) : 401;

describe('every route', () => {
  it('is in the table, and every entry of the table is a route', () => {
    expect(Object.keys(ROUTES).sort()).toEqual(servedRoutes().sort());
  });

  it('is an operation of the contracts, and every operation is served', () => {
    const operations = OPERATIONS.map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    );
    expect(operations.sort()).toEqual(servedRoutes().sort());
  });

  it.each(Object.entries(ROUTES))('%s is for those it is for, and for nobody else', async (route, entry) => {
    const [method = ''] = route.split(' ');
    const answers: Record<string, number> = {};
    for (const { name, token } of everybody) {
      const json = entry.json?.(world);
      const answer = await platform.call(method, entry.path(world), { token, ...(json !== undefined && { json }) });
      answers[name] = answer.status;
      await answer.body?.cancel();
    }
    expect(answers).toEqual(Object.fromEntries(everybody.map((caller) => [caller.name, expected(entry, caller)])));
  });
});
