import { lstat, mkdir, rm } from 'node:fs/promises';
import { connect, isIPv4, isIPv6 } from 'node:net';
import { dirname, isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Length of `sun_path` on Linux without its closing zero. */
const MAX_SOCKET_PATH_BYTES = 107;
const PRIVATE_DIRECTORY = 0o700;
const OTHERS = 0o077;
const POLL_MS = 5;

/** A place a service binds. `ipc` never leaves the machine; `tcp` may. */
export type Endpoint =
  | { readonly scheme: 'ipc'; readonly address: string; readonly path: string }
  | { readonly scheme: 'tcp'; readonly address: string; readonly host: string; readonly port: number };

/** @throws Error naming the service and what is wrong with its endpoint */
export function parseEndpoint(service: string, address: string): Endpoint {
  const wrong = (reason: string) => new Error(`endpoint of "${service}" (${address}): ${reason}`);
  if (address.startsWith('ipc://')) {
    const path = address.slice('ipc://'.length);
    if (!isAbsolute(path)) throw wrong('ipc needs an absolute path; abstract sockets have no permissions');
    const bytes = Buffer.byteLength(path);
    if (bytes > MAX_SOCKET_PATH_BYTES) {
      throw wrong(`path of ${bytes} bytes; the operating system allows ${MAX_SOCKET_PATH_BYTES}`);
    }
    return { scheme: 'ipc', address, path };
  }
  const [, host, port] = /^tcp:\/\/(\[[^\]]+\]|[^:/[\]]+):(\d{1,5})$/.exec(address) ?? [];
  if (!host || !port) throw wrong('expected ipc:///path or tcp://host:port');
  return { scheme: 'tcp', address, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** Whether nothing but this machine can reach the endpoint. A name other than `localhost` may resolve to anything. */
export function isLocal(endpoint: Endpoint): boolean {
  if (endpoint.scheme === 'ipc') return true;
  const { host } = endpoint;
  return host === 'localhost' || (isIPv4(host) && host.startsWith('127.')) || (isIPv6(host) && host === '::1');
}

/** Whether others than this machine's processes could reach an address. @throws Error when it is none, naming `name` */
export const leavesMachine = (name: string, address: string): boolean => !isLocal(parseEndpoint(name, address));

/**
 * Makes an ipc endpoint ready to bind: a private directory, and no socket file left behind by a killed process.
 * The transport itself would remove the file of a living process just as well, so we look first who answers there.
 * @throws Error when others may enter the directory or another process serves the endpoint
 */
export async function prepareToBind(service: string, endpoint: Endpoint): Promise<void> {
  if (endpoint.scheme !== 'ipc') return;
  const directory = dirname(endpoint.path);
  await mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  const status = await lstat(directory);
  if (!status.isDirectory() || (status.mode & OTHERS) !== 0 || status.uid !== process.geteuid?.()) {
    throw new Error(`directory ${directory} must belong to this user alone (mode 0700)`);
  }
  if (await isServed(endpoint)) throw new Error(`another process serves "${service}" at ${endpoint.address}`);
  await rm(endpoint.path, { force: true });
}

/**
 * Waits, at most `ms`, until nobody listens at the endpoint any more. A socket file stays behind: to remove it here could
 * hit the one a successor has just made.
 */
export async function untilFree(endpoint: Endpoint, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while ((await isServed(endpoint)) && performance.now() < deadline) await delay(POLL_MS);
}

function isServed(endpoint: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = endpoint.scheme === 'ipc' ? connect(endpoint.path) : connect(endpoint.port, endpoint.host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
