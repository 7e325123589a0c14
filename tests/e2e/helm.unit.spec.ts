import { authConfig } from '@handover/auth/in-process';
import { engineConfig } from '@handover/engine/in-process';
import { gatewayConfig } from '@handover/gateway/in-process';
import { notifierConfig } from '@handover/notifier/in-process';
import { Ajv } from 'ajv';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const CHART = resolve(import.meta.dirname, '../../deploy/helm/handover');
const read = (name: string): string => readFileSync(resolve(CHART, name), 'utf8');
const values = parse(read('values.yaml')) as Record<string, unknown>;
const templates = readdirSync(resolve(CHART, 'templates')).map((name) => [name, read(`templates/${name}`)] as const);
const isValid = new Ajv({ strict: false }).compile(JSON.parse(read('values.schema.json')) as object);

/** The manifests as Helm makes them; undefined where there is no Helm. @param set values laid over the chart's */
function rendered(set: readonly string[] = []): readonly Record<string, unknown>[] | undefined {
  try {
    const options = set.flatMap((each) => ['--set', each]);
    const text = execFileSync('helm', ['template', 'test', CHART, ...options], { encoding: 'utf8', stdio: 'pipe' });
    const documents = parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown> | null);
    return documents.filter((document) => document !== null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    process.stdout.write('chart: not rendered, helm is not installed; only its parts are checked\n');
    return undefined;
  }
}

describe('the values of the chart', () => {
  it('are as their schema has them', () => {
    expect(isValid(values), JSON.stringify(isValid.errors)).toBe(true);
  });

  it.each([
    ['a service that there is not', { ...values, services: { ...(values.services as object), extra: {} } }],
    ['a number of replicas that is none', { ...values, services: { engine: { replicas: 'two' } } }],
    ['a misspelt name', { ...values, loglevel: 'info' }],
  ])('are refused with %s', (_, wrong) => {
    expect(isValid(wrong)).toBe(false);
  });

  it.each(templates)('have what %s asks of them', (_, text) => {
    const paths = [...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path = '']) => path);
    const missing = paths.filter((path) => {
      const found = path
        .split('.')
        .reduce<unknown>((place, name) => (place as Record<string, unknown>)?.[name], values);
      return found === undefined;
    });
    expect(missing).toEqual([]);
  });
});

describe('the templates of the chart', () => {
  it.each(templates)('%s closes every block it opens', (_, text) => {
    const actions = [...text.matchAll(/\{\{-?\s*(?!\/\*)(\w+)/g)].map(([, word]) => word);
    const opened = actions.filter((word) => ['if', 'range', 'with', 'define'].includes(word ?? ''));
    expect(actions.filter((word) => word === 'end')).toHaveLength(opened.length);
  });

  it('include only what is defined', () => {
    const all = templates.map(([, text]) => text).join('\n');
    const defined = new Set([...all.matchAll(/define "([\w.]+)"/g)].map(([, name]) => name));
    const included = [...all.matchAll(/include "([\w.]+)"/g)].map(([, name]) => name);
    expect(included.filter((name) => !defined.has(name))).toEqual([]);
  });

  it('set no variable that no service reads', () => {
    const known = new Set(
      [authConfig, engineConfig, gatewayConfig, notifierConfig].flatMap(({ shape }) => Object.keys(shape)),
    );
    const text = read('templates/services.yaml');
    const set = [...text.matchAll(/name: ([A-Z_]+),|fromSecret" \(list "([A-Z_]+)"/g)].map(
      ([, one, other]) => one ?? other,
    );
    expect(set.length).toBeGreaterThan(8);
    expect(set.filter((name) => !known.has(name ?? ''))).toEqual([]);
  });
});

describe('the chart, rendered by helm', () => {
  const kinds = (manifests: readonly Record<string, unknown>[]): string[] =>
    [...new Set(manifests.map(({ kind }) => String(kind)))].sort();

  it('has a deployment and a budget per service, a migration job and policies', ({ skip }) => {
    const manifests = rendered();
    if (!manifests) return skip();
    expect(kinds(manifests)).toEqual(['Deployment', 'Job', 'NetworkPolicy', 'PodDisruptionBudget', 'Service']);
    expect(manifests.filter(({ kind }) => kind === 'Deployment')).toHaveLength(4);
  });

  it('has more where the values ask for it', ({ skip }) => {
    const manifests = rendered([
      'keda.enabled=true',
      'ingress.enabled=true',
      'services.engine.autoscaling.enabled=true',
    ]);
    if (!manifests) return skip();
    expect(kinds(manifests)).toEqual(
      expect.arrayContaining(['HorizontalPodAutoscaler', 'Ingress', 'ScaledObject', 'TriggerAuthentication']),
    );
  });
});
