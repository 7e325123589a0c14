import { randomUUID } from 'node:crypto';
import type { Router } from 'zeromq';
import { z } from 'zod';
import { carried, replying } from '../delivery/foreign.js';
import { Intake } from '../delivery/intake.js';
import type { BusLogger } from '../logger.js';
import type { ForeignHandler, ForeignMessage, ForeignReply, IntakeOptions, Registration } from '../port.js';
import { registration } from '../registration.js';
import { makeRouter, type RouterOptions } from './router.js';

export interface CommandSocketOptions extends RouterOptions {
  readonly address: string;
  readonly logger: BusLogger;
}

/** Commands in hand for all senders together; one more is answered `overloaded`. */
const CAPACITY = 4_096;
const HIGH_WATER_MARK = 1_000;

const text = z.string().exactOptional();

/**
 * What an outsider sends: one frame of JSON, behind an empty one where the socket is a REQ. Everything beside these members
 * is taken for text headers or ignored.
 */
const commandFrame = z.looseObject({
  command: z.string(),
  'message-id': text,
  'correlation-id': text,
  'content-type': text,
  /** Any JSON value; a text when the content type is not JSON. */
  body: z.unknown(),
});

/**
 * The ROUTER that outsiders' DEALER and REQ sockets connect to. One frame in each direction: libzmq 4.3.5 may abort the
 * process when a connection breaks between two frames that are being read.
 */
export class CommandSocket {
  readonly #socket: Router;
  readonly #intake: Intake;
  #keyOf: IntakeOptions['keyOf'];

  constructor(readonly options: CommandSocketOptions) {
    const { address, logger } = options;
    this.#socket = makeRouter(options, HIGH_WATER_MARK);
    this.#intake = new Intake({ name: address, maxAttempts: Infinity, logger });
  }

  async open(): Promise<void> {
    await this.#socket.bind(this.options.address);
    void this.#receive();
  }

  take(handler: ForeignHandler, concurrency: number, keyOf: IntakeOptions['keyOf']): Registration {
    if (this.#intake.isOpen) throw new Error('outsiders’ commands are taken by another handler already');
    this.#keyOf = keyOf;
    this.#intake.open(replying(handler, this.options.logger), concurrency);
    return registration(() => this.#intake.close());
  }

  /** Starts no further handler and resolves when those running have answered. */
  drained(): Promise<void> {
    return this.#intake.close();
  }

  abort(): void {
    this.#intake.abort();
  }

  close(): void {
    this.#socket.close();
  }

  async #receive(): Promise<void> {
    for await (const [sender, ...frames] of this.#socket) {
      if (!sender) continue;
      const delimited = frames.length > 1 && frames[0]?.length === 0;
      const envelope = delimited ? [sender, frames[0] ?? ''] : [sender];
      this.#take(delimited ? frames.slice(1) : frames, (frame) => this.#send([...envelope, frame]));
    }
  }

  #take(frames: readonly Buffer[], send: (frame: string) => Promise<void>): void {
    const message = readCommand(frames);
    if (typeof message === 'string')
      return void send(JSON.stringify(refusal('invalid', message))).catch(() => undefined);
    if (this.#intake.size >= CAPACITY) {
      const busy = refusal('overloaded', `${CAPACITY} commands are waiting already`, message);
      return void send(JSON.stringify(busy)).catch(() => undefined);
    }
    const reply = (answer: ForeignReply) => send(JSON.stringify(replyFrame(message, answer)));
    const terms = { attemptsBefore: 0, expiresAt: Infinity, settle: () => undefined };
    this.#intake.accept({ message: carried({ message, reply }, randomUUID(), this.#keyOf?.(message)), ...terms });
  }

  async #send(frames: (Buffer | string)[]): Promise<void> {
    if (this.#socket.closed) return;
    try {
      await this.#socket.send(frames);
    } catch (error) {
      this.options.logger.debug({ err: error }, 'an answer reached nobody: its sender has gone or does not read');
    }
  }
}

/** @returns the message, or why it cannot be read */
function readCommand(frames: readonly Buffer[]): ForeignMessage | string {
  const [frame] = frames;
  if (frames.length !== 1 || !frame) return 'a command is one frame of JSON';
  let value: unknown;
  try {
    value = JSON.parse(frame.toString('utf8'));
  } catch {
    return 'the frame is not JSON';
  }
  const parsed = commandFrame.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const member = issue?.path.join('.') ?? '';
    return `${member === '' ? 'the frame' : member}: ${issue?.message ?? 'invalid'}`;
  }
  const {
    command,
    'message-id': id,
    'correlation-id': correlationId,
    'content-type': contentType,
    body,
    ...rest
  } = parsed.data;
  const isText = contentType !== undefined && typeof body === 'string';
  const headers = Object.entries(rest).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    name: command,
    ...(id !== undefined && id !== '' && id.length <= 255 && { id }),
    ...(correlationId !== undefined && { correlationId }),
    ...(contentType !== undefined && { contentType }),
    headers: Object.fromEntries(headers.map(([name, header]) => [name.toLowerCase(), header])),
    content: body === undefined ? Buffer.alloc(0) : Buffer.from(isText ? body : JSON.stringify(body)),
    wantsReply: true,
  };
}

function replyFrame({ id, correlationId = id }: ForeignMessage, { status, contentType, headers, body }: ForeignReply) {
  return {
    reply: status,
    ...(correlationId !== undefined && { 'correlation-id': correlationId }),
    ...(body !== undefined && { 'content-type': contentType }),
    ...headers,
    ...(body !== undefined && { body }),
  };
}

/** Said by the socket itself, before anybody could look at the command. */
function refusal(code: 'invalid' | 'overloaded', detail: string, message?: ForeignMessage) {
  const [status, name] = code === 'overloaded' ? [503, 'unavailable'] : [400, 'malformed_body'];
  const body = {
    type: `urn:handover:error:${name}`,
    title: code === 'overloaded' ? 'A part of the platform does not answer' : 'The body cannot be read',
    status,
    code: name,
    detail,
    error: { message: detail },
  };
  const known = message ?? { name: '', headers: {}, content: Buffer.alloc(0), wantsReply: true };
  return replyFrame(known, { status: 'problem', contentType: 'application/problem+json', headers: { status }, body });
}
