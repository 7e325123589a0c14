import pg from 'pg';
import { withClient } from '../client.js';
import { type RoleNames, roleNames, roleSql, schemaSql } from './roles.js';
import { scramVerifier } from './scram.js';
import { describeServer, type Server } from './server.js';

export interface ServiceCredentials {
  /** Also the name of its schema. */
  readonly name: string;
  readonly ownerPassword: string;
  readonly runtimePassword: string;
}

export interface ProvisionOptions<Name extends string = string> {
  /** A superuser, or a role that may create roles and owns the database. The database belongs to Handover alone. */
  readonly adminUrl: string;
  /** Begins the names of all roles, which a server's databases share: `handover` gives `handover_engine`. */
  readonly prefix: string;
  readonly services: readonly (ServiceCredentials & { readonly name: Name })[];
}

export interface ServiceAccess {
  /** For migrations. */
  readonly ownerUrl: string;
  /** For the running service. */
  readonly runtimeUrl: string;
}

/** Any two numbers, the same for everyone who provisions. */
const LOCK = '1212437590, 1';

/**
 * Gives each service its schema and two roles: an owner that runs migrations and a runtime role that reads and writes
 * rows of this schema only. Neither bypasses row-level security. Everybody else loses access to the database.
 * Idempotent: a second run sets the given passwords and changes nothing else. Safe when several run at once on one
 * database; all or nothing.
 * @returns connection URLs per service
 * @throws when the server is older than PostgreSQL 15, or the admin role may not do this
 */
export async function provision<Name extends string>({
  adminUrl,
  prefix,
  services,
}: ProvisionOptions<Name>): Promise<Record<Name, ServiceAccess>> {
  const planned = services.map((service) => ({ service, names: roleNames(prefix, service.name) }));
  await withClient(adminUrl, 'provision', async (client) => {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(${LOCK})`);
    const server = await describeServer(client);
    await client.query(`revoke all on database ${pg.escapeIdentifier(server.database)} from public`);
    await client.query('revoke all on schema public from public');
    for (const { service, names } of planned) await provisionService(client, server, service, names);
    await client.query('commit');
  });
  const access = planned.map(({ service, names }) => [
    service.name,
    {
      ownerUrl: urlFor(adminUrl, names.owner, service.ownerPassword),
      runtimeUrl: urlFor(adminUrl, names.runtime, service.runtimePassword),
    },
  ]);
  return Object.fromEntries(access) as Record<Name, ServiceAccess>;
}

async function provisionService(
  client: pg.Client,
  server: Server,
  service: ServiceCredentials,
  names: RoleNames,
): Promise<void> {
  const existing = await existingRoles(client, names);
  // A role that does not own everything must be a member of the owner to create its schema and default privileges.
  const membership = `${pg.escapeIdentifier(names.owner)} %s current_user`;
  const statements = [
    roleSql(names.owner, scramVerifier(service.ownerPassword), existing.has(names.owner)),
    roleSql(names.runtime, scramVerifier(service.runtimePassword), existing.has(names.runtime)),
    ...(server.superuser ? [] : [`grant ${membership.replace('%s', 'to')}`]),
    ...schemaSql(names, server.database),
    ...(server.superuser ? [] : [`revoke ${membership.replace('%s', 'from')}`]),
  ];
  await client.query(statements.join(';\n'));
}

/** @throws when an existing role has rights that would defeat the separation; they are never taken away silently. */
async function existingRoles(client: pg.Client, names: RoleNames): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string; powerful: boolean }>(
    'select rolname as name, rolsuper or rolbypassrls as powerful from pg_roles where rolname = any ($1)',
    [[names.owner, names.runtime]],
  );
  const powerful = rows.find((row) => row.powerful);
  if (powerful)
    throw new Error(`role "${powerful.name}" is a superuser or bypasses row-level security; use another prefix`);
  return new Set(rows.map((row) => row.name));
}

function urlFor(adminUrl: string, user: string, password: string): string {
  const url = new URL(adminUrl);
  if (url.hostname === '')
    throw new TypeError('the admin URL must name a host; write a socket directory as %2Frun%2Fpostgresql');
  url.username = user;
  url.password = password;
  return url.href;
}
