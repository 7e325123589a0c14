import QuickLRU from 'quick-lru';
import { Reply, type Context } from 'zeromq';
import type { BusLogger } from '../logger.js';
import type { CurveConfig } from './config.js';

/** Where libzmq asks about every connecting client (ZeroMQ RFC 27, ZAP). */
const ZAP_ADDRESS = 'inproc://zeromq.zap.01';
const ZAP_VERSION = '1.0';
const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const KEY_BYTES = 32;
/** Refused addresses that are not told of again. */
const REMEMBERED = 1_000;

/**
 * Reads a CURVE key (ZeroMQ RFC 32, Z85).
 * @returns its 32 bytes. @throws Error naming the key's place in the configuration, never the key
 */
export function decodeKey(key: string, name: string): Buffer {
  const wrong = () => new Error(`${name} is not a CURVE key (40 characters of Z85)`);
  if (key.length !== (KEY_BYTES * 5) / 4) throw wrong();
  const bytes = Buffer.alloc(KEY_BYTES);
  for (let at = 0; at < key.length; at += 5) {
    let value = 0;
    for (const character of key.slice(at, at + 5)) {
      const digit = Z85.indexOf(character);
      if (digit < 0) throw wrong();
      value = value * 85 + digit;
    }
    if (value > 0xffffffff) throw wrong();
    bytes.writeUInt32BE(value, (at / 5) * 4);
  }
  return bytes;
}

/** Whom a socket is for. libzmq tells it when it asks about a client (ZAP domain): each has an allow-list of its own. */
const DOMAINS = { services: 'handover', outsiders: 'handover.outside' } as const;

/** Options of a socket that only lets allowed clients in. */
export const serverOptions = (curve: CurveConfig | undefined, clients: keyof typeof DOMAINS) =>
  curve ? { curveServer: true, curveSecretKey: curve.secretKey, zapDomain: DOMAINS[clients] } : {};

/** Options of a socket that connects to `service` and to nobody who cannot prove to be it. */
export const clientOptions = (curve: CurveConfig | undefined, service: string) =>
  curve
    ? {
        curvePublicKey: curve.publicKey,
        curveSecretKey: curve.secretKey,
        curveServerKey: curve.serverKeys[service] ?? null,
      }
    : {};

/**
 * Checks every key, so that a wrong one is told at start and not by silence.
 * @param hasOutside whether there are sockets for outsiders
 * @throws Error naming the key that is missing or wrong
 */
export function checkCurve(curve: CurveConfig, services: readonly string[], hasOutside = false): void {
  decodeKey(curve.publicKey, 'curve.publicKey');
  decodeKey(curve.secretKey, 'curve.secretKey');
  for (const service of services) decodeKey(curve.serverKeys[service] ?? '', `curve.serverKeys.${service}`);
  if (curve.allowedClients.length === 0) throw new Error('curve.allowedClients is empty: nobody could connect');
  curve.allowedClients.forEach((key, index) => decodeKey(key, `curve.allowedClients.${index}`));
  const { allowedOutsiders = [] } = curve;
  if (hasOutside && allowedOutsiders.length === 0) {
    throw new Error('curve.allowedOutsiders is empty: no outsider could connect');
  }
  allowedOutsiders.forEach((key, index) => decodeKey(key, `curve.allowedOutsiders.${index}`));
}

/** Answers libzmq's question whether a client's key is on the allow-list. Must be bound before the endpoint is. */
export class Gatekeeper {
  readonly #socket: Reply;
  /** Keys by domain. */
  readonly #allowed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #refused = new QuickLRU<string, true>({ maxSize: REMEMBERED });

  constructor(
    context: Context,
    curve: CurveConfig,
    readonly logger: BusLogger,
  ) {
    this.#socket = new Reply({ context, linger: 0 });
    const keys = (list: readonly string[], name: string) =>
      new Set(list.map((key) => decodeKey(key, name).toString('hex')));
    this.#allowed = new Map([
      [DOMAINS.services, keys(curve.allowedClients, 'curve.allowedClients')],
      [DOMAINS.outsiders, keys(curve.allowedOutsiders ?? [], 'curve.allowedOutsiders')],
    ]);
  }

  async start(): Promise<void> {
    await this.#socket.bind(ZAP_ADDRESS);
    void this.#serve();
  }

  stop(): void {
    this.#socket.close();
  }

  /** Told once per address: a client that is refused comes again and again. */
  #tell(address: string): void {
    if (this.#refused.has(address)) return;
    this.#refused.set(address, true);
    this.logger.warn({ address }, 'refused a client whose key is not on the allow-list');
  }

  async #serve(): Promise<void> {
    for await (const [version, requestId, domain, address, , mechanism, key] of this.#socket) {
      const known = version?.toString() === ZAP_VERSION && mechanism?.toString() === 'CURVE';
      const allowed = known && this.#allowed.get(String(domain))?.has(key?.toString('hex') ?? '') === true;
      if (!allowed) this.#tell(address?.toString() ?? '');
      const [status, text] = allowed ? ['200', 'OK'] : ['400', 'not on the allow-list'];
      await this.#socket.send([ZAP_VERSION, requestId ?? '', status, text, '', '']);
    }
  }
}
