import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { ChartTools } from './tools.js';

export const CHART = resolve(import.meta.dirname, '../../../../deploy/helm/handover');
const run = promisify(execFile);

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The manifests as Helm makes them of the chart.
 * @param values laid over the chart's, as `--set-json` takes them: `path=json`
 * @throws Error with what Helm says
 */
export async function render({ helm }: ChartTools, values: readonly string[] = []): Promise<Manifest[]> {
  const set = values.flatMap((value) => ['--set-json', value]);
  const { stdout } = await run(helm, ['template', 'test', CHART, ...set], { maxBuffer: 16 * 1024 * 1024 });
  const documents = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest | null);
  return documents.filter((document) => document !== null);
}

interface Failure {
  readonly instancePath: string;
  readonly message?: string;
}
type Validated = new (data: object) => { validate(): void };
interface Member {
  readonly baseName: string;
  readonly type: string;
}
interface Described {
  getAttributeTypeMap(): readonly Member[];
}

/**
 * Holds manifests against the schemas of Kubernetes and KEDA: `kubernetes-models` knows types and what is required, but lets pass what it does not
 * know; the official client knows every member there is.
 */
export async function manifestChecker({ load }: ChartTools): Promise<(manifest: Manifest) => Promise<string[]>> {
  const client = (await load('@kubernetes/client-node')) as Readonly<Record<string, Described | undefined>>;
  return async (manifest) => {
    const { apiVersion, kind } = manifest;
    const isKeda = apiVersion.startsWith('keda.sh/');
    const models = (await load(
      isKeda ? `@kubernetes-models/keda/${apiVersion}` : `kubernetes-models/${apiVersion}`,
    )) as Readonly<Record<string, Validated | undefined>>;
    const Model = models[kind];
    if (!Model) return [`there is no ${apiVersion} ${kind}`];
    const problems = problemsOf(Model, manifest);
    // What KEDA adds to Kubernetes the client does not know.
    if (isKeda) return problems;
    const version = apiVersion.split('/').at(-1) ?? '';
    const type = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
    if (!client[type]) return [...problems, `the client knows no ${type}`];
    return [...problems, ...unknownMembers(client, type, manifest, '')];
  };
}

function problemsOf(Model: Validated, manifest: Manifest): string[] {
  try {
    new Model(manifest).validate();
    return [];
  } catch (error) {
    const { errors, message } = error as Error & { errors?: readonly Failure[] };
    return errors?.map((failure) => `${failure.instancePath} ${failure.message ?? ''}`) ?? [message];
  }
}

/** @returns paths of members that the type does not have */
function unknownMembers(
  types: Readonly<Record<string, Described | undefined>>,
  type: string,
  value: unknown,
  path: string,
): string[] {
  const element = /^Array<(.+)>$/.exec(type)?.[1];
  if (element !== undefined) {
    return (Array.isArray(value) ? value : []).flatMap((each, i) =>
      unknownMembers(types, element, each, `${path}/${i}`),
    );
  }
  const described = types[type];
  if (!described || typeof value !== 'object' || value === null) return [];
  const members = new Map(described.getAttributeTypeMap().map(({ baseName, type: of }) => [baseName, of]));
  return Object.entries(value).flatMap(([name, each]) => {
    const of = members.get(name);
    const at = `${path}/${name}`;
    return of === undefined ? [`${at} is not a member of ${type}`] : unknownMembers(types, of, each, at);
  });
}
