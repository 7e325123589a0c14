import { resolve } from 'node:path';
import { spawnNode, type ManagedChild } from '../child.js';

export const SERVICES = ['auth', 'engine', 'notifier', 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

export const ROOT = resolve(import.meta.dirname, '../../../..');
const START_MS = 90_000;

/** Where a service that runs can be reached, as it says itself. */
export interface Addresses {
  /** `/livez`, `/readyz` and `/metrics`. */
  readonly ops: string;
  /** Absent for a service without a public port. */
  readonly http?: string;
}

/** A service as a process of its own, which can be killed, paused and replaced as often as a test likes. */
export interface ServiceProcess {
  readonly service: ServiceName;
  /** The process that runs just now. */
  readonly child: ManagedChild;
  /** Resolves when it answers requests. @throws when it ends before */
  ready(): Promise<Addresses>;
  /** SIGKILL, and its successor at once. Resolves when the killed one is gone. */
  killAndReplace(): Promise<void>;
  /** Ends it for good, as in an orderly stop. @returns what it said when it did not end well */
  stop(): Promise<string | undefined>;
}

/** A program of the workspace: its sources, or what was built of them in that workspace. */
export const programOf = (folder: string, builtIn?: string): string =>
  builtIn === undefined ? resolve(ROOT, folder, 'src/main.ts') : resolve(builtIn, folder, 'dist/main.js');

/**
 * @param env the environment of the service, beside this process's own
 * @param builtIn workspace whose built programs run, as in an installation; default: the sources of this one
 */
export function startService(
  service: ServiceName,
  env: Readonly<Record<string, string | undefined>>,
  builtIn?: string,
): ServiceProcess {
  const start = (): ManagedChild => spawnNode(programOf(`services/${service}`, builtIn), { env });
  let child = start();
  return {
    service,
    get child() {
      return child;
    },
    async ready() {
      const [line] = await child.line(/^.*"msg":"ready".*$/, START_MS);
      return JSON.parse(line) as Addresses;
    },
    async killAndReplace() {
      await child.kill();
      child = start();
    },
    async stop() {
      child.signal('SIGTERM');
      const { code } = await child.exited;
      await child.kill();
      return code === 0 ? undefined : `${service} ended with ${code}:\n${child.lines.slice(-5).join('\n')}`;
    },
  };
}
