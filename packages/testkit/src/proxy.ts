import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where to listen or to connect: a unix socket or a TCP port of 127.0.0.1. */
export type Place = { readonly path: string } | { readonly host: string; readonly port: number };

/** A wire between two processes that a test can cut, stall or take away. Works for TCP and unix sockets. */
export class Proxy {
  readonly #target: Place;
  #listening: Place;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #stalled = new Set<Socket>();

  private constructor(listening: Place, target: Place) {
    this.#listening = listening;
    this.#target = target;
  }

  static async open(listening: Place, target: Place): Promise<Proxy> {
    const proxy = new Proxy(listening, target);
    await proxy.up();
    return proxy;
  }

  get place(): Place {
    return this.#listening;
  }

  /** Breaks every connection; new ones work. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Half-open: every connection stays, but nothing passes any more, in either direction. New ones work. */
  stall(): void {
    for (const socket of this.#sockets) {
      this.#stalled.add(socket);
      socket.unpipe();
      socket.pause();
    }
  }

  /** Nothing passes and nothing connects, as when the other side is shut down. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.close();
    this.cut();
    await once(server, 'close');
  }

  /** Idempotent. */
  async up(): Promise<void> {
    if (this.#server) return;
    const server = createServer({ allowHalfOpen: true }, (near) => this.#join(near));
    server.listen(this.#listening);
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object')
      this.#listening = { host: address.address, port: address.port };
    this.#server = server;
  }

  #join(near: Socket): void {
    const far = connect({ ...this.#target, allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => from.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        // A stalled wire tells neither side of the other's end.
        if (!this.#stalled.delete(from)) to.destroy();
      });
    }
  }
}
