import { Client, type Dispatcher } from 'undici';
import { closedLoop, type Volley } from '../closed-loop.js';

/** One request of a client: where to and with what. */
export interface Shot {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What a server is asked next by its `client`th client. */
export type Aim = (client: number) => Shot;

/** Clients that each wait for their answer before they ask again, on a connection each. */
export class Clients {
  readonly #connections: readonly Client[];

  constructor(
    origin: string,
    readonly count: number,
    readonly aim: Aim,
  ) {
    this.#connections = Array.from({ length: count }, () => new Client(origin, { pipelining: 1 }));
  }

  /** Asks for so long. @throws Error at the first answer that is not 2xx: figures of refusals would mean nothing */
  run(milliseconds: number): Promise<Volley> {
    return closedLoop(this.count, milliseconds, async (client) => {
      const connection = this.#connections[client];
      if (connection) await post(connection, this.aim(client));
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}

/** The cheapest way the library offers: the client shares the processors with what it measures. */
function post(connection: Client, { path, headers, body }: Shot): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let answer = '';
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_, chunk) => {
        if (status >= 300) answer += chunk.toString();
      },
      onResponseEnd: () => {
        if (status < 300) resolve();
        else reject(new Error(`POST ${path}: ${status} ${answer.slice(0, 300)}`));
      },
      onResponseError: (_, error) => {
        reject(error);
      },
    };
    connection.dispatch({ method: 'POST', path, headers, body }, handler);
  });
}
