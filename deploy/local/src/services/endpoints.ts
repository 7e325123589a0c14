import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface Outside {
  readonly commands: string;
  readonly events: string;
}

export interface Endpoints {
  /** Value of `ZMQ_ENDPOINTS`: `auth=ipc:///tmp/…/auth.sock,engine=…` */
  readonly variable: string;
  /** Sockets for programs of the user's, on this machine: commands in, events out. */
  readonly outside: Outside;
  readonly remove: () => Promise<void>;
}

/** `sun_path` of a Unix socket holds 107 bytes on Linux, 103 on macOS. */
const LONGEST_PATH = 103;
const OUTSIDE: readonly string[] = ['commands', 'events'];

/**
 * A place on the bus for each service: sockets in a private directory, or loopback ports where that cannot be.
 * @param key says whose they are: the same key uses the same directory again, so that nothing piles up after a crash
 */
export async function busEndpoints(services: readonly string[], key: string): Promise<Endpoints> {
  const directory = process.platform === 'win32' ? undefined : await privateDirectory(key);
  const names = [...services, ...OUTSIDE];
  const paths = names.map((name) => [name, join(directory ?? '', `${name}.sock`)] as const);
  if (directory === undefined || paths.some(([, path]) => Buffer.byteLength(path) > LONGEST_PATH)) {
    const ports = await freePorts(names.length);
    return {
      ...endpointsAt(names.map((name, index) => [name, `tcp://127.0.0.1:${ports[index]}`])),
      remove: async () => undefined,
    };
  }
  return {
    ...endpointsAt(paths.map(([name, path]) => [name, `ipc://${path}`])),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

function endpointsAt(
  places: readonly (readonly [name: string, address: string])[],
): Pick<Endpoints, 'variable' | 'outside'> {
  const { commands = '', events = '' } = Object.fromEntries(places) as Partial<Record<string, string>>;
  const services = places.filter(([name]) => !OUTSIDE.includes(name));
  return { variable: services.map(([name, address]) => `${name}=${address}`).join(','), outside: { commands, events } };
}

/** In the system's temporary directory, because data directories may be deep or on a file system without sockets. */
async function privateDirectory(key: string): Promise<string> {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
  const directory = join(tmpdir(), `handover-${userInfo().uid}-${hash}`);
  try {
    await rm(directory, { recursive: true, force: true });
    // Fails when somebody else holds the name; then another one is taken.
    await mkdir(directory, { mode: 0o700 });
    return directory;
  } catch {
    return mkdtemp(join(tmpdir(), 'handover-'));
  }
}

/** All are held until the last one is found, so that none is given twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
