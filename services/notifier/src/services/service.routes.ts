import type { Delivery } from '@handover/bus';
import {
  HandoverError,
  deleteService,
  getService,
  listServices,
  putService,
  unknownServices,
  type AnswerOf,
  type BodyOf,
  type FieldError,
  type Principal,
  type Privilege,
  type Service,
  type ServiceConfig,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { requirePrivilege, route, type PrincipalVerifier, type RequestRoute } from '@handover/runtime';
import type { AddressPolicy } from '@handover/runtime/egress';
import type { Kysely } from 'kysely';
import { awaitsReply } from '../couriers/amqp.js';
import type { NotifierSchema } from '../database.js';
import { closeCircuit, findCircuits, type Circuit } from '../deliveries/circuit.repository.js';
import { hastenLanesOf } from '../deliveries/lane.repository.js';
import { endpointProblem } from '../targets/target-url.js';
import { serviceTarget } from '../targets/target.js';
import { ownerOf, type SecretVault } from '../webhooks/secret.js';
import { masked, maskedMembers } from './masking.js';
import { findStored, listStored, removeService, saveService, type StoredService } from './service.repository.js';
import type { ConfiguredServices } from './services-file.js';

export interface ServiceRoutesPorts {
  readonly db: Kysely<NotifierSchema>;
  readonly verifier: PrincipalVerifier;
  readonly vault: SecretVault;
  readonly policy: AddressPolicy;
  readonly configured: ConfiguredServices;
  /** Called after the services of a tenant changed. */
  readonly changed: () => void;
}

/** Requests about services. The tenant is always the signed principal's. */
export function serviceRoutes(ports: ServiceRoutesPorts): RequestRoute[] {
  const caller = async (delivery: Delivery, privilege?: Privilege): Promise<Principal> => {
    const principal = await ports.verifier.verify(delivery.headers.principal);
    if (privilege !== undefined) requirePrivilege(principal, privilege);
    return principal;
  };
  return [
    route(listServices, async (_body, delivery) => list(ports, (await caller(delivery, 'services:read')).tenant)),
    route(getService, async ({ name }, delivery) => get(ports, (await caller(delivery, 'services:read')).tenant, name)),
    route(putService, async (body, delivery) => put(ports, (await caller(delivery, 'services:write')).tenant, body)),
    route(deleteService, async ({ name }, delivery) =>
      remove(ports, (await caller(delivery, 'services:write')).tenant, name),
    ),
    route(unknownServices, async ({ names }, delivery) => {
      const { tenant } = await caller(delivery);
      const stored = await withTenant(ports.db, tenant, listStored);
      const known = new Set([...stored.map(({ name }) => name), ...ports.configured.of(tenant).keys()]);
      return { unknown: names.filter((name) => !known.has(name)) };
    }),
  ];
}

async function list({ db, configured }: ServiceRoutesPorts, tenant: string): Promise<AnswerOf<typeof listServices>> {
  const stored = await withTenant(db, tenant, listStored);
  const own = new Set(stored.map(({ name }) => name));
  const services = [
    ...stored.map((service) => ofTenant(service)),
    ...[...configured.of(tenant)].filter(([name]) => !own.has(name)).map(([name, config]) => ofFile(name, config)),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
  const circuits = await findCircuits(
    db,
    services.map(({ name }) => serviceTarget(tenant, name)),
  );
  return {
    services: services.map((each) => ({ ...each, circuit: stateOf(circuits.get(serviceTarget(tenant, each.name))) })),
  };
}

async function get({ db, configured }: ServiceRoutesPorts, tenant: string, name: string): Promise<Service> {
  const stored = await withTenant(db, tenant, (tx) => findStored(tx, name));
  const config = configured.find(tenant, name);
  const found = stored ? ofTenant(stored) : config && ofFile(name, config);
  if (!found) throw notFound(name);
  const target = serviceTarget(tenant, name);
  return { ...found, circuit: stateOf((await findCircuits(db, [target])).get(target)) };
}

/** @throws HandoverError `invalid_request` for an address nothing will ever be sent to, and for a mask in a secret's place */
async function put(
  ports: ServiceRoutesPorts,
  tenant: string,
  { name, config }: BodyOf<typeof putService>,
): Promise<AnswerOf<typeof putService>> {
  const { db, vault, policy } = ports;
  const errors = problemsOf(config, policy);
  if (errors.length > 0) throw new HandoverError('invalid_request', 'The service is not valid', { errors });
  const target = serviceTarget(tenant, name);
  const service = {
    name,
    provider: config.provider,
    shown: masked(config),
    sealed: vault.seal(JSON.stringify(config), ownerOf(tenant, `service:${name}`)),
    repliesByQueue: config.provider === 'amqp' && awaitsReply(config),
  };
  const created = await withTenant(db, tenant, async (tx) => {
    const isNew = await saveService(tx, tenant, service);
    await hastenLanesOf(tx, target);
    await closeCircuit(tx, target);
    return isNew;
  });
  ports.changed();
  return { created, service: await get(ports, tenant, name) };
}

async function remove(ports: ServiceRoutesPorts, tenant: string, name: string): Promise<Record<string, never>> {
  const found = await withTenant(ports.db, tenant, (tx) => removeService(tx, tenant, name));
  if (!found) throw notFound(name);
  ports.changed();
  return {};
}

function problemsOf(config: ServiceConfig, policy: AddressPolicy): FieldError[] {
  const member = config.provider === 'zeromq' ? 'address' : 'url';
  const problem = endpointProblem(config.provider === 'zeromq' ? config.address : config.url, config.provider, policy);
  return [
    ...(problem === undefined ? [] : [{ pointer: `/${member}`, detail: problem }]),
    ...maskedMembers(config).map((pointer) => ({ pointer, detail: 'is masked: send the secret itself' })),
  ];
}

/** A service as it is shown, but for its circuit. */
interface Shown {
  readonly name: string;
  readonly provider: Service['provider'];
  readonly source: Service['source'];
  readonly updated?: string;
  readonly [member: string]: unknown;
}

const ofTenant = ({ name, provider, shown, updated }: StoredService): Shown => ({
  ...shown,
  name,
  provider,
  source: 'tenant',
  updated,
});
const ofFile = (name: string, config: ServiceConfig): Shown => ({
  ...masked(config),
  name,
  provider: config.provider,
  source: 'file',
});

const stateOf = (circuit: Circuit | undefined): Service['circuit'] => ({
  state: circuit?.open_until ? 'open' : 'closed',
  failures: circuit?.failures ?? 0,
  ...(circuit?.open_until && { until: circuit.open_until }),
});

const notFound = (name: string): HandoverError =>
  new HandoverError('service_not_found', `There is no service '${name}'`);
