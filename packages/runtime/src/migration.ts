import { z } from 'zod';
import { commonConfig, loadConfigOrExit } from './config.js';
import { createLogger, type Logger } from './log.js';

const migrationConfig = commonConfig.pick({ LOG_LEVEL: true }).extend({
  MIGRATION_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).meta({
    description: "The role that owns the service's schema; the service itself runs as another.",
    secret: true,
  }),
});

/** Runs a service's migrations as a command of its own: reads its configuration, logs, and exits 1 on failure. */
export async function runMigrations(
  service: string,
  apply: (url: string, log: Logger) => Promise<void>,
): Promise<void> {
  const config = loadConfigOrExit(migrationConfig);
  const log = createLogger(`${service}-migrate`, config.LOG_LEVEL);
  try {
    await apply(config.MIGRATION_DATABASE_URL, log);
  } catch (error) {
    log.fatal({ err: error }, 'the migration failed');
    process.exitCode = 1;
  }
}
