import type { Router } from 'zeromq';
import type { BusLogger } from '../logger.js';
import { BusError } from '../port.js';
import { type Endpoint, untilFree } from './endpoint.js';
import { framesOf } from './frames.js';
import { makeRouter, type RouterOptions } from './router.js';
import { decodeCalls, encode, type Answer, type Call } from './wire.js';

export interface DoorwayOptions extends RouterOptions {
  readonly service: string;
  readonly endpoint: Endpoint;
  readonly incarnation: string;
  readonly logger: BusLogger;
}

/** Answers the caller that made the call. */
export type Respond = (answer: Answer, body?: Buffer) => void;
export type CallHandler = (call: Exclude<Call, { kind: 'hello' }>, body: Buffer, respond: Respond) => void;

const HIGH_WATER_MARK = 4_096;
/** Longest wait for the endpoint to be released; it takes a moment of libzmq's own thread. */
const FREE_MS = 1_000;

/** The one endpoint a service binds. Everything others say to it comes in here. */
export class Doorway {
  readonly #socket: Router;
  #bound = false;
  /** Records that go out at the end of this turn of the event loop, by caller. */
  readonly #answers = new Map<string, { readonly caller: Buffer; readonly records: Buffer[] }>();

  constructor(
    readonly options: DoorwayOptions,
    readonly handle: CallHandler,
  ) {
    this.#socket = makeRouter(options, HIGH_WATER_MARK);
  }

  async open(): Promise<void> {
    await this.#socket.bind(this.options.endpoint.address);
    this.#bound = true;
    void this.#receive();
  }

  /**
   * Connections end with the last answers on them. Resolves when the endpoint is free for the next process. (Not by `unbind`:
   * with connections ending at the same moment libzmq 4.3.5 now and then aborts the process, pipe.cpp, `_state`.)
   */
  async close(): Promise<void> {
    this.#flush();
    this.#socket.close();
    if (this.#bound) await untilFree(this.options.endpoint, FREE_MS);
  }

  async #receive(): Promise<void> {
    for await (const [caller, ...frames] of this.#socket) {
      if (caller) this.#take(caller, frames);
    }
  }

  #take(caller: Buffer, frames: Buffer[]): void {
    const { service, incarnation, logger } = this.options;
    const respond: Respond = (answer, body) => this.#answer(caller, encode(answer, body));
    // libzmq names a caller anew with every connection.
    const session = `${incarnation}/${caller.toString('hex')}`;
    try {
      for (const { head, body } of decodeCalls(frames)) {
        if (head.kind === 'hello') respond({ kind: 'welcome', service, incarnation, session });
        else if (head.kind !== 'delivery' || head.session === session) this.handle(head, body, respond);
        else
          logger.debug({ sequence: head.sequence }, 'ignored what an earlier connection left behind; it is sent again');
      }
    } catch (error) {
      logger.warn({ err: error, caller: caller.toString('hex') }, 'refused a malformed message');
    }
  }

  #answer(caller: Buffer, record: Buffer): void {
    if (this.#answers.size === 0) setImmediate(() => this.#flush());
    const name = caller.toString('hex');
    const waiting = this.#answers.get(name);
    if (waiting) waiting.records.push(record);
    else this.#answers.set(name, { caller, records: [record] });
  }

  #flush(): void {
    const answers = [...this.#answers.values()];
    this.#answers.clear();
    if (this.#socket.closed) return;
    for (const { caller, records } of answers) {
      for (const frame of framesOf(records)) {
        this.#socket.send([caller, frame]).catch((cause: unknown) => {
          // Gone (it will connect again and be answered again) or not reading (it sends again what it got no answer to).
          const error = new BusError('unavailable', 'answers reached nobody', { cause });
          this.options.logger.debug({ err: error, caller: caller.toString('hex') }, error.message);
        });
      }
    }
  }
}
