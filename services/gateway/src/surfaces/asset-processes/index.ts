import {
  HandoverError,
  assetOperations,
  assetProcessOperations as operations,
  disableScenario,
  storeScenario,
  type Definition,
  type Principal,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { requirePrivilege } from '@handover/runtime';
import { checkScenario } from '@handover/scenario';
import type { Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { GatewaySchema } from '../../database.js';
import { implement, type Implementation } from '../../http/operation.js';
import type { Ask } from '../built-in.js';
import { findAsset, insertAsset, listAssets, updateAsset } from './asset.repository.js';
import { compileDefinition } from './definition.js';
import {
  addDefinition,
  deleteDefinition,
  findDefinition,
  listDefinitions,
  withDefinitions,
  type StoredDefinition,
} from './definition.repository.js';
import { advanceInstance, cancelInstance, findInstance, listInstances, startInstance } from './instances.js';

type Db = Kysely<GatewaySchema>;

const notFound = (what: string): HandoverError => new HandoverError('not_found', `${what} not found`);

/** `/v1/processes`, `/v1/processes/instances` and `/v1/assets`. */
export function assetProcesses(db: Db, assetTagPrefix: string): readonly Implementation[] {
  return [...definitions(db), ...instances(db), ...assets(db, assetTagPrefix)];
}

function definitions(db: Db): readonly Implementation[] {
  /** Scenarios this process has stored: once is enough. */
  const known = new Set<string>();
  return [
    implement(operations.listDefinitions, async ({ caller: { principal }, ask }) => {
      requirePrivilege(principal, 'processes:read');
      const all = await withDefinitions(db, principal.tenant, listDefinitions);
      await storeSystemScenarios(ask, principal, all, known);
      return { status: 200, body: { data: all.map(({ definition }) => definition) } };
    }),

    implement(operations.getDefinition, async ({ caller: { principal }, params: { id } }) => {
      requirePrivilege(principal, 'processes:read');
      const found = await withDefinitions(db, principal.tenant, (tx) => findDefinition(tx, id));
      if (!found) throw notFound('Process');
      return { status: 200, body: { data: found.definition } };
    }),

    implement(operations.createDefinition, async ({ caller: { principal }, ask, body }) => {
      requirePrivilege(principal, 'processes:write');
      const definition: Definition = {
        id: randomUUID(),
        name: body.name,
        slug: body.slug ?? slugOf(body.name),
        description: body.description,
        trigger_status: body.trigger_status ?? null,
        target_status: body.target_status ?? null,
        is_system: false,
        steps: body.steps,
      };
      const { source } = compileDefinition({ ...definition, steps: body.steps });
      requireSound(source);
      await withDefinitions(db, principal.tenant, async () => undefined);
      await ask(storeScenario, { source, format: 'json' });
      const stored = await addDefinition(db, principal.tenant, definition);
      if (!stored) throw new HandoverError('state_conflict', `Another process has the slug '${definition.slug}'`);
      return { status: 201, body: { data: definition }, headers: { Location: `/v1/processes/${definition.id}` } };
    }),

    implement(operations.deleteDefinition, async ({ caller: { principal }, ask, params: { id } }) => {
      requirePrivilege(principal, 'processes:write');
      const found = await withDefinitions(db, principal.tenant, (tx) => findDefinition(tx, id));
      if (!found) throw notFound('Process');
      if (found.definition.is_system) throw new HandoverError('state_conflict', 'A system process cannot be deleted');
      await ask(disableScenario, { id: found.scenario });
      await withTenant(db, principal.tenant, (tx) => deleteDefinition(tx, found.definition.id));
      return { status: 204 };
    }),
  ];
}

function instances(db: Db): readonly Implementation[] {
  return [
    implement(operations.start, async ({ caller: { principal }, ask, params, body, headers }) => {
      requirePrivilege(principal, 'processes:write');
      const desk = { db, ask, principal, idempotencyKey: headers['Idempotency-Key'] };
      const instance = await startInstance(desk, params.process_id, body.asset_id);
      const location = `/v1/processes/instances/${instance.id}`;
      return { status: 201, body: { data: instance }, headers: { Location: location } };
    }),

    implement(operations.listInstances, async ({ caller: { principal }, ask, query: { page, limit, ...filter } }) => {
      requirePrivilege(principal, 'processes:read');
      const { total, instances: data } = await listInstances({ db, ask, principal }, filter, { page, limit });
      return { status: 200, body: { data, meta: metaOf(total, page, limit) } };
    }),

    implement(operations.getInstance, async ({ caller: { principal }, ask, params: { id } }) => {
      requirePrivilege(principal, 'processes:read');
      return { status: 200, body: { data: (await findInstance({ db, ask, principal }, id)).instance } };
    }),

    implement(operations.advance, async ({ caller: { principal }, ask, params, body, headers }) => {
      requirePrivilege(principal, 'processes:write');
      const desk = { db, ask, principal, idempotencyKey: headers['Idempotency-Key'] };
      return { status: 200, body: { data: await advanceInstance(desk, params.instance_id, body.step_data) } };
    }),

    implement(operations.cancel, async ({ caller: { principal }, ask, params, headers }) => {
      requirePrivilege(principal, 'processes:write');
      const desk = { db, ask, principal, idempotencyKey: headers['Idempotency-Key'] };
      return { status: 200, body: { data: await cancelInstance(desk, params.instance_id) } };
    }),
  ];
}

function assets(db: Db, prefix: string): readonly Implementation[] {
  return [
    implement(assetOperations.list, async ({ caller: { principal }, query: { page, limit, ...filter } }) => {
      requirePrivilege(principal, 'assets:read');
      const { total, assets: data } = await withTenant(db, principal.tenant, (tx) =>
        listAssets(tx, filter, { page, limit }),
      );
      return { status: 200, body: { data, meta: metaOf(total, page, limit) } };
    }),

    implement(assetOperations.create, async ({ caller: { principal }, body }) => {
      requirePrivilege(principal, 'assets:write');
      const { tenant } = principal;
      const asset = await withTenant(db, tenant, (tx) => insertAsset(tx, tenant, body, prefix));
      return { status: 201, body: { data: asset }, headers: { Location: `/v1/assets/${asset.id}` } };
    }),

    implement(assetOperations.get, async ({ caller: { principal }, params: { id } }) => {
      requirePrivilege(principal, 'assets:read');
      const asset = await withTenant(db, principal.tenant, (tx) => findAsset(tx, id));
      if (!asset) throw notFound('Asset');
      return { status: 200, body: { data: asset } };
    }),

    implement(assetOperations.change, async ({ caller: { principal }, params: { id }, body }) => {
      requirePrivilege(principal, 'assets:write');
      const asset = await withTenant(db, principal.tenant, (tx) => updateAsset(tx, id, body));
      if (!asset) throw notFound('Asset');
      return { status: 200, body: { data: asset } };
    }),
  ];
}

const metaOf = (total: number, page: number, limit: number) => ({
  total,
  page,
  limit,
  total_pages: Math.ceil(total / limit),
});

const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 100) || 'process';

/** What the engine would refuse to store, as something wrong with the definition. @throws HandoverError `invalid_request` */
function requireSound(source: string): void {
  const { errors } = checkScenario(JSON.parse(source));
  if (errors.length === 0) return;
  throw new HandoverError('invalid_request', 'The definition is not valid', {
    errors: errors.map(({ instancePath, message }) => ({ pointer: instancePath, detail: message })),
  });
}

/**
 * System definitions appear among the tenant's scenarios with the first look at them by somebody who may store them; else when
 * one is first started.
 */
async function storeSystemScenarios(
  ask: Ask,
  { tenant }: Principal,
  all: readonly StoredDefinition[],
  known: Set<string>,
): Promise<void> {
  const missing = all.filter(({ definition, scenario }) => definition.is_system && !known.has(`${tenant}/${scenario}`));
  for (const { definition, steps, scenario } of missing) {
    try {
      await ask(storeScenario, { source: compileDefinition({ ...definition, steps }).source, format: 'json' });
      known.add(`${tenant}/${scenario}`);
    } catch (error) {
      if (error instanceof HandoverError && ['forbidden', 'read_only'].includes(error.code)) return;
      throw error;
    }
  }
}
