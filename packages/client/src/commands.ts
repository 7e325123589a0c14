import type { Problem, startProcess, stepProcess, BodyOf } from '@handover/contracts';
import { ProblemError } from './rest/problem.js';

/** What each command says. */
export interface CommandBodies {
  'process.start': Omit<BodyOf<typeof startProcess>, 'action'> & {
    action?: string | { key: string; response?: unknown };
  };
  'process.step': Pick<BodyOf<typeof stepProcess>, 'process' | 'action' | 'response' | 'actor'>;
  /** The normal form, or a document as its author wrote it. */
  'scenario.store': Readonly<Record<string, unknown>> | { readonly yaml: string };
  'scenario.disable': { scenario: string };
}

export type CommandName = keyof CommandBodies;

export interface CommandOptions {
  /** Idempotency key: the command is carried out once, however often it is sent. Default: a new one. */
  readonly id?: string;
  /** Default 30,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** ETag the process must have (`process.step`). */
  readonly ifMatch?: string;
  /** Whether the answer to a step shall hold the whole process. */
  readonly representation?: boolean;
}

/** What REST would have answered. */
export interface CommandAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Publishes commands and waits for their answers. */
export interface Commander {
  /** @throws ProblemError the platform's no; TimeoutError when no answer came: the same `id` may be sent again. */
  send<Name extends CommandName>(
    command: Name,
    body: CommandBodies[Name],
    options?: CommandOptions,
  ): Promise<CommandAnswer>;
  close(): Promise<void>;
}

/** No answer in time. Whether the command was carried out is not known; sending it again with the same id is safe. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly retry = 'retry';
}

/** A command as it is to be written to a message. */
export interface Outgoing {
  readonly command: CommandName;
  readonly id: string;
  readonly contentType: string;
  /** Beside the token. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Pending {
  readonly outgoing: Outgoing;
  readonly settle: (answer: CommandAnswer | Error) => void;
}

/** Pairs answers with commands by id; those under way can be sent again after a lost connection. */
export class Correspondence {
  readonly #pending = new Map<string, Pending>();

  /** Of commands without an answer. */
  get underWay(): Outgoing[] {
    return [...this.#pending.values()].map(({ outgoing }) => outgoing);
  }

  /** @param post hands a command over; when that fails the command waits for the next connection */
  ask(
    command: CommandName,
    body: unknown,
    { id = crypto.randomUUID(), timeoutMs = 30_000, signal, ifMatch, representation = false }: CommandOptions,
    post: (outgoing: Outgoing) => Promise<void>,
  ): Promise<CommandAnswer> {
    if (this.#pending.has(id)) throw new Error(`Command '${id}' is under way already`);
    const yaml = command === 'scenario.store' ? (body as { yaml?: unknown }).yaml : undefined;
    const outgoing: Outgoing = {
      command,
      id,
      contentType: typeof yaml === 'string' ? 'application/yaml' : 'application/json',
      headers: {
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
        ...(representation && { prefer: 'return=representation' }),
      },
      body: typeof yaml === 'string' ? yaml : body,
    };
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(
        () => settle(new TimeoutError(`No answer to ${command} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const abort = (): void => settle(signal?.reason as Error);
      const settle = (answer: CommandAnswer | Error): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(id);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.set(id, { outgoing, settle });
      post(outgoing).catch(() => undefined);
    });
  }

  /** Settles the command an answer belongs to; one that nobody waits for is dropped. */
  answered(id: string | undefined, isProblem: boolean, answer: CommandAnswer): void {
    const problem = (): ProblemError =>
      new ProblemError({ ...(answer.body as Partial<Problem>), status: answer.status });
    this.#pending.get(id ?? '')?.settle(isProblem ? problem() : answer);
  }

  close(): void {
    for (const { settle } of this.#pending.values()) settle(new TimeoutError('The connection was closed'));
  }
}
