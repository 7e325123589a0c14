import pg from 'pg';
import { identifier } from '../identifier.js';

export interface RoleNames {
  readonly schema: string;
  /** Owns the schema and runs its migrations. */
  readonly owner: string;
  /** What the running service connects as: reads and writes rows, changes no table. */
  readonly runtime: string;
}

export function roleNames(prefix: string, service: string): RoleNames {
  identifier('prefix', prefix);
  const schema = identifier('service', service);
  return {
    schema,
    owner: identifier('role', `${prefix}_${service}_owner`),
    runtime: identifier('role', `${prefix}_${service}`),
  };
}

/** SQL that gives a role its password; creates it first when it does not exist. */
export function roleSql(name: string, verifier: string, exists: boolean): string {
  const role = pg.escapeIdentifier(name);
  const attributes = exists ? '' : ' nosuperuser nobypassrls nocreatedb nocreaterole noreplication';
  return `${exists ? 'alter' : 'create'} role ${role} login${attributes} password ${pg.escapeLiteral(verifier)}`;
}

/**
 * SQL that gives a service its schema: owned by the one role, used by the other, closed to everybody else. Tables,
 * sequences and functions that migrations create later become usable for the runtime role through default privileges.
 */
export function schemaSql(names: RoleNames, database: string): string[] {
  const schema = pg.escapeIdentifier(names.schema);
  const owner = pg.escapeIdentifier(names.owner);
  const runtime = pg.escapeIdentifier(names.runtime);
  const inDatabase = pg.escapeIdentifier(database);
  const defaults = `alter default privileges for role ${owner}`;
  return [
    `grant connect on database ${inDatabase} to ${owner}, ${runtime}`,
    `alter role ${owner} in database ${inDatabase} set search_path = ${schema}`,
    `alter role ${runtime} in database ${inDatabase} set search_path = ${schema}`,
    `create schema if not exists ${schema} authorization ${owner}`,
    `revoke all on schema ${schema} from public`,
    `grant usage on schema ${schema} to ${runtime}`,
    // Everybody may execute a new function unless this is revoked for the role as a whole.
    `${defaults} revoke execute on functions from public`,
    `${defaults} in schema ${schema} grant select, insert, update, delete on tables to ${runtime}`,
    `${defaults} in schema ${schema} grant usage, select on sequences to ${runtime}`,
    `${defaults} in schema ${schema} grant execute on functions to ${runtime}`,
  ];
}
