import { beforeAll, describe, expect, it } from 'vitest';
import { manifestChecker, render, type Manifest } from './src/chart/manifests.js';
import { chartTools, type ChartTools } from './src/chart/tools.js';

const FETCHED_MS = 180_000;

/** What an installation may ask of the chart: values laid over its own. */
const INSTALLATIONS: Readonly<Record<string, readonly string[]>> = {
  'as it is': [],
  'with an ingress': ['ingress={"enabled":true,"className":"nginx","tlsSecret":"tls","annotations":{"a.b/c":"d"}}'],
  'that scales by load': [
    'keda.enabled=true',
    ...['gateway', 'engine', 'auth'].map((service) => `services.${service}.autoscaling.enabled=true`),
  ],
  'with a database and a broker of its own': [
    'database.bundled={"enabled":true,"image":"postgres:17","size":"20Gi","storageClass":"fast","resources":{"requests":{"cpu":1}}}',
    'broker.bundled.enabled=true',
  ],
  'with every other value given': [
    'image.pullSecrets=[{"name":"registry"}]',
    'networkPolicy.gatewayFrom=[{"namespaceSelector":{"matchLabels":{"name":"web"}}}]',
    'podAnnotations={"team":"workflow"}',
    'nodeSelector={"disk":"fast"}',
    'tolerations=[{"key":"only","operator":"Exists"}]',
    'services.engine.environment={"DATABASE_POOL":10000000,"LOG_LEVEL":"debug"}',
  ],
};

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}
interface Workload {
  readonly replicas?: number;
  readonly template: { readonly spec: { readonly containers: readonly Container[] } };
}

describe('the chart, rendered by Helm', () => {
  let tools: ChartTools | string;
  let problemsOf: (manifest: Manifest) => Promise<string[]>;
  beforeAll(async () => {
    tools = await chartTools();
    if (typeof tools !== 'string') problemsOf = await manifestChecker(tools);
    else process.stdout.write(`chart: not rendered, ${tools}\n`);
  }, FETCHED_MS);

  /** @returns undefined where there is no Helm */
  const rendered = async (name: keyof typeof INSTALLATIONS): Promise<Manifest[] | undefined> =>
    typeof tools === 'string' ? undefined : render(tools, INSTALLATIONS[name]);
  const named = (manifests: readonly Manifest[], kind: string): string[] =>
    manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);

  it.for(Object.keys(INSTALLATIONS))('is what Kubernetes takes: an installation %s', async (name, { skip }) => {
    const manifests = await rendered(name);
    if (!manifests) return skip();
    expect(manifests.length).toBeGreaterThanOrEqual(14);
    for (const manifest of manifests) {
      expect(await problemsOf(manifest), `${manifest.kind} ${manifest.metadata.name}`).toEqual([]);
    }
  });

  it('would not be taken with a misspelt member, a wrong type, or without what is required', async ({ skip }) => {
    const manifests = await rendered('as it is');
    if (!manifests) return skip();
    const deployment = manifests.find(({ kind }) => kind === 'Deployment')!;
    const { selector, ...rest } = deployment.spec;
    expect(await problemsOf({ ...deployment, spec: { ...deployment.spec, replica: 2 } })).toHaveLength(1);
    expect(await problemsOf({ ...deployment, spec: { ...deployment.spec, replicas: '2' } })).not.toEqual([]);
    expect(selector).toBeDefined();
    expect(await problemsOf({ ...deployment, spec: rest })).not.toEqual([]);
    expect(await problemsOf({ ...deployment, kind: 'Deploymnt' })).not.toEqual([]);
  });

  it('has a deployment, a budget and a policy per service, and migrates before they start', async ({ skip }) => {
    const manifests = await rendered('as it is');
    if (!manifests) return skip();
    const services = ['auth', 'engine', 'gateway', 'notifier'].map((name) => `test-${name}`);
    for (const kind of ['Deployment', 'PodDisruptionBudget', 'NetworkPolicy']) {
      expect(named(manifests, kind).sort()).toEqual(services);
    }
    expect(named(manifests, 'Service')).toEqual(['test-gateway']);
    const [job] = manifests.filter(({ kind }) => kind === 'Job');
    expect(job?.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
  });

  it('scales by queue length or processor time, one of them, and then says no number of replicas', async ({ skip }) => {
    const manifests = await rendered('that scales by load');
    if (!manifests) return skip();
    expect(named(manifests, 'ScaledObject')).toEqual(['test-notifier']);
    expect(named(manifests, 'HorizontalPodAutoscaler').sort()).toEqual(['test-auth', 'test-engine', 'test-gateway']);
    for (const { kind, spec } of manifests) if (kind === 'Deployment') expect(spec).not.toHaveProperty('replicas');
  });

  it('does not wait with the release for a job that needs the database of the release', async ({ skip }) => {
    const manifests = await rendered('with a database and a broker of its own');
    if (!manifests) return skip();
    expect(named(manifests, 'StatefulSet').sort()).toEqual(['test-postgres', 'test-rabbitmq']);
    const [job] = manifests.filter(({ kind }) => kind === 'Job');
    expect(job?.metadata).toMatchObject({ name: 'test-setup-1' });
    expect(job?.metadata.annotations).toBeUndefined();
  });

  it('gives variables as they were written, large numbers too', async ({ skip }) => {
    const manifests = await rendered('with every other value given');
    if (!manifests) return skip();
    const engine = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'test-engine');
    const { env } = (engine?.spec as unknown as Workload).template.spec.containers[0]!;
    expect(env).toContainEqual({ name: 'DATABASE_POOL', value: '10000000' });
  });

  it.for([
    ['a service that there is not', 'services.extra={}'],
    ['a misspelt value', 'loglevel="debug"'],
    ['a secret among the values', 'database.password="s3cret"'],
  ])('is refused with $0, by the schema of its values', async ([, value = ''], { skip }) => {
    if (typeof tools === 'string') return skip();
    await expect(render(tools, [value])).rejects.toThrow(/values don't meet the specifications/);
  });
});
