import { commonConfig } from '@handover/runtime';
import { z } from 'zod';

/** A password that a connection URL and SCRAM can carry. */
const password = z
  .string()
  .min(16)
  .max(128)
  .regex(/^[!-~]+$/, 'must be printable ASCII without blanks');
const passwordOf = (who: string) =>
  password.meta({ description: `Password of ${who}, at least 16 characters.`, secret: true });

/** What `setup` needs to know. Passwords are given, not made: they are what the services' own secrets must hold. */
export const setupConfig = commonConfig.pick({ LOG_LEVEL: true }).extend({
  ADMIN_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).meta({
    description: 'The database, as a superuser or as a role that may create roles and owns it.',
    secret: true,
  }),
  ROLE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,30}$/, 'must be a lower-case word')
    .default('handover')
    .describe('Begins the names of all roles, which the databases of a server share.'),
  AUTH_OWNER_PASSWORD: passwordOf('the role that owns the schema auth'),
  AUTH_PASSWORD: passwordOf('the role the service auth runs as'),
  ENGINE_OWNER_PASSWORD: passwordOf('the role that owns the schema engine'),
  ENGINE_PASSWORD: passwordOf('the role the service engine runs as'),
  NOTIFIER_OWNER_PASSWORD: passwordOf('the role that owns the schema notifier'),
  NOTIFIER_PASSWORD: passwordOf('the role the service notifier runs as'),
  GATEWAY_OWNER_PASSWORD: passwordOf('the role that owns the schema gateway'),
  GATEWAY_PASSWORD: passwordOf('the role the service gateway runs as'),
});
export type SetupConfig = z.infer<typeof setupConfig>;
