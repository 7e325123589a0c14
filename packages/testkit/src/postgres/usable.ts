import pg from 'pg';

export interface PostgresServer {
  /** Connects as a role that may create databases and roles. */
  readonly adminUrl: string;
  readonly source: 'environment' | 'local' | 'docker' | 'embedded';
  /** Stops a server that was started for the tests; does nothing to one that was found. */
  readonly stop: () => Promise<void>;
}

/** A server that runs already. @throws the reason why tests cannot use it */
export async function usable(adminUrl: string, source: PostgresServer['source']): Promise<PostgresServer> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ recent: boolean; mighty: boolean }>(`
      select current_setting('server_version_num')::int >= 150000 as recent,
             rolsuper or (rolcreatedb and rolcreaterole) as mighty
      from pg_roles where rolname = current_user`);
    if (rows[0]?.recent !== true) throw new Error('the server is older than PostgreSQL 15');
    if (!rows[0].mighty) throw new Error('the role may not create databases and roles');
  } finally {
    await client.end();
  }
  return { adminUrl, source, stop: async () => undefined };
}
