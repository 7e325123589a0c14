import { migrations as auth } from '@handover/auth/migrations';
import { migrate, provision, type Migrations } from '@handover/database';
import { migrations as engine } from '@handover/engine/migrations';
import { migrations as gateway } from '@handover/gateway/migrations';
import { migrations as notifier } from '@handover/notifier/migrations';
import type { Logger } from '@handover/runtime';
import type { SetupConfig } from './config.js';

/** The services that have a schema. */
const MIGRATIONS: Readonly<Record<string, Migrations>> = { auth, engine, notifier, gateway };

/**
 * Gives each service its schema and its two roles, and brings the schemas up to date. Safe to run again at any time, and by
 * several at once: it takes new passwords and runs the migrations that have not run.
 * @returns per service the URL it connects with
 */
export async function setUp(config: SetupConfig, log: Logger): Promise<Record<string, string>> {
  const passwordOf = (name: string, role: string) =>
    config[`${name.toUpperCase()}${role}_PASSWORD` as keyof SetupConfig];
  const access = await provision({
    adminUrl: config.ADMIN_DATABASE_URL,
    prefix: config.ROLE_PREFIX,
    services: Object.keys(MIGRATIONS).map((name) => ({
      name,
      ownerPassword: passwordOf(name, '_OWNER'),
      runtimePassword: passwordOf(name, ''),
    })),
  });
  for (const [name, { ownerUrl }] of Object.entries(access)) {
    await migrate({ url: ownerUrl, schema: name, migrations: MIGRATIONS[name] ?? {}, log });
  }
  return Object.fromEntries(Object.entries(access).map(([name, { runtimeUrl }]) => [name, runtimeUrl]));
}
