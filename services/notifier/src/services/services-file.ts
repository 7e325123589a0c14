import { serviceConfigSchema, serviceNameSchema, type ServiceConfig } from '@handover/contracts';
import { ConfigError } from '@handover/runtime';
import { parse } from 'yaml';
import { z } from 'zod';

/** Services of the platform's configuration: for every tenant, and for some tenants of their own. */
export interface ConfiguredServices {
  find(tenant: string, name: string): ServiceConfig | undefined;
  /** Those a tenant can use. */
  of(tenant: string): ReadonlyMap<string, ServiceConfig>;
  /** Those that every tenant can use. */
  readonly shared: ReadonlyMap<string, ServiceConfig>;
  /** Tenants with services of their own. */
  readonly tenants: readonly string[];
}

const entries = z.record(serviceNameSchema, z.record(z.string(), z.unknown())).default({});
const fileSchema = z.strictObject({
  services: entries,
  tenants: z.record(z.string().min(1), z.strictObject({ services: entries })).default({}),
});

/**
 * Reads `services` (engine-service §6): YAML or JSON. `SERVICE_<NAME>_<PROPERTY>` in the environment sets a property of a
 * service that every tenant can use: `SERVICE_FOO_BAR_API_KEY` is `apiKey` of `fooBar`; the longest name that is configured wins.
 * @throws ConfigError naming the service and what is wrong with it
 */
export function readServices(text: string | undefined, environment: NodeJS.ProcessEnv): ConfiguredServices {
  const file = parsedFile(text);
  override(file.services, environment);
  const shared = checked(file.services, 'services');
  const own = new Map(
    Object.entries(file.tenants).map(([tenant, { services }]) => [
      tenant,
      checked(services, `tenants.${tenant}.services`),
    ]),
  );
  return {
    find: (tenant, name) => own.get(tenant)?.get(name) ?? shared.get(name),
    of: (tenant) => new Map([...shared, ...(own.get(tenant) ?? [])]),
    shared,
    tenants: [...own.keys()],
  };
}

function parsedFile(text: string | undefined): z.infer<typeof fileSchema> {
  let document: unknown;
  try {
    document = text === undefined ? {} : parse(text);
  } catch (error) {
    throw new ConfigError('The file of services is neither YAML nor JSON', { cause: error });
  }
  const file = fileSchema.safeParse(document ?? {});
  if (file.success) return file.data;
  throw new ConfigError(`The file of services cannot be used:\n${explain(file.error, '')}`);
}

type Entries = Record<string, Record<string, unknown>>;

function override(services: Entries, environment: NodeJS.ProcessEnv): void {
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || value === '' || !/^SERVICE_[A-Z0-9_]+$/.test(variable)) continue;
    const words = variable.toLowerCase().split('_').slice(1);
    for (let count = words.length - 1; count > 0; count -= 1) {
      const service = services[camel(words.slice(0, count))];
      if (!service) continue;
      service[camel(words.slice(count))] = value;
      break;
    }
  }
}

const camel = (words: readonly string[]): string =>
  words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');

function checked(services: Entries, where: string): Map<string, ServiceConfig> {
  return new Map(
    Object.entries(services).map(([name, entry]) => {
      const config = serviceConfigSchema.safeParse(entry);
      if (!config.success)
        throw new ConfigError(`The file of services cannot be used:\n${explain(config.error, `${where}.${name}`)}`);
      return [name, config.data];
    }),
  );
}

/** Which member, and what is wrong with it; never its value. */
const explain = (error: z.ZodError, where: string): string =>
  error.issues
    .map(({ path, message }) => `  ${[where, ...path].filter((part) => part !== '').join('.')}: ${message}`)
    .join('\n');
