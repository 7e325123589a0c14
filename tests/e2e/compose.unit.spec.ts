import { authConfig } from '@handover/auth/in-process';
import { engineConfig } from '@handover/engine/in-process';
import { gatewayConfig } from '@handover/gateway/in-process';
import { notifierConfig } from '@handover/notifier/in-process';
import { loadConfig } from '@handover/runtime';
import { Ajv } from 'ajv';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const FOLDER = resolve(import.meta.dirname, '../../deploy/compose');
const SERVICES = { auth: authConfig, engine: engineConfig, notifier: notifierConfig, gateway: gatewayConfig };
/** What the images themselves set. */
const OF_THE_IMAGE = readFileSync(resolve(FOLDER, '../images/Dockerfile'), 'utf8');

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly build?: { readonly target: string };
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

/** A copy of the script in a folder of its own, where it has made the secrets. */
const beside = mkdtempSync(join(tmpdir(), 'handover-secrets-'));
copyFileSync(resolve(FOLDER, 'secrets.sh'), join(beside, 'secrets.sh'));
const makeSecrets = () => execFileSync('sh', [join(beside, 'secrets.sh')], { stdio: 'pipe' });
makeSecrets();
afterAll(() => rmSync(beside, { recursive: true }));

const secrets = Object.fromEntries(
  readFileSync(join(beside, '.env'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
);

/** Puts values in as Compose does. @throws where one is asked for that is not there */
function interpolate(text: string): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, other = '') => {
    const value = secrets[name];
    if (value !== undefined) return value;
    if (kind === '-') return other;
    throw new Error(`secrets.sh makes no ${name}`);
  });
}

/** The specification's own JSON schema, which comes with a linter. */
const { $schema: _draft, ...specification } = JSON.parse(
  readFileSync(
    resolve(createRequire(import.meta.url).resolve('dclint/package.json'), '../schemas/compose.schema.json'),
    'utf8',
  ),
) as Record<string, unknown>;

const filledIn = (_: unknown, value: unknown): unknown => (typeof value === 'string' ? interpolate(value) : value);
const compose = parse(readFileSync(resolve(FOLDER, 'compose.yaml'), 'utf8'), filledIn, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, object>>;
  readonly volumes: Readonly<Record<string, object>>;
};

describe('the compose file', () => {
  it.each(['compose.yaml', 'demo.yaml'])('is one by the Compose specification: %s', (name) => {
    const isCompose = new Ajv({ strict: false, logger: false }).compile(specification);
    isCompose(parse(readFileSync(resolve(FOLDER, name), 'utf8'), filledIn, { merge: true }));
    expect(isCompose.errors ?? []).toEqual([]);
  });

  it.each(Object.entries(SERVICES))('gives %s a configuration that it takes', (name, schema) => {
    const environment = compose.services[name]?.environment ?? {};
    expect(() => loadConfig(schema, { ...environment })).not.toThrow();
    const unknown = Object.keys(environment).filter((variable) => !(variable in schema.shape));
    expect(unknown).toEqual([]);
  });

  it.each(Object.entries(compose.services))('has everything that %s names', (_, service) => {
    for (const network of service.networks ?? []) expect(compose.networks).toHaveProperty(network);
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const needed = compose.services[other];
      expect(needed).toBeDefined();
      // Images say by themselves whether they are well, except setup, which ends.
      if (condition === 'service_healthy') expect(needed?.healthcheck ?? needed?.build).toBeDefined();
    }
    if (service.build) expect(OF_THE_IMAGE).toContain(` AS ${service.build.target}\n`);
  });

  it('starts the services in an order gated by health, the gateway last', () => {
    for (const name of Object.keys(SERVICES)) {
      expect(compose.services[name]?.depends_on).toMatchObject({
        setup: { condition: 'service_completed_successfully' },
        rabbitmq: { condition: 'service_healthy' },
      });
    }
    expect(Object.keys(compose.services.gateway?.depends_on ?? {})).toEqual(
      expect.arrayContaining(['auth', 'engine', 'notifier']),
    );
  });

  it('lets nobody in but through the gateway, and our services change nothing of themselves', () => {
    const open = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name, { ports }]) => [name, ports])).toEqual([['gateway', ['127.0.0.1:3000:3000']]]);
    for (const name of Object.keys(SERVICES)) {
      expect(compose.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
  });

  it('holds no secret of its own: each is asked for and made anew by the script', () => {
    const source = readFileSync(resolve(FOLDER, 'compose.yaml'), 'utf8');
    for (const line of source.split('\n').filter((each) => /(PASSWORD|SECRET|_KEY)\w*:/.test(each))) {
      expect(line).toMatch(/\$\{\w+(:\?run secrets\.sh first|:-)?\}/);
    }
    expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length);
  });

  it('has its secrets in a file that only its owner may read, and that is never written over', () => {
    const file = join(beside, '.env');
    const first = readFileSync(file, 'utf8');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(makeSecrets).toThrow(/exist/);
    expect(readFileSync(file, 'utf8')).toBe(first);
  });
});
