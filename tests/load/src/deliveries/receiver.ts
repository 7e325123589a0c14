import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Receives webhooks, as a program of its own. A path says how it behaves; says on stdout where it listens. `GET /taken` answers
 * how many messages came to /well since it was last asked, and how many ms each was on its way from its `timestamp`.
 */
type Manner = (request: IncomingMessage, response: ServerResponse) => void;

const GIBIBYTE = 2 ** 30;
const CHUNK = Buffer.alloc(65_536, 'x');

let latencies: number[] = [];

const MANNERS: Readonly<Record<string, Manner>> = {
  '/well': (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const [, sent = ''] = /"timestamp":"([^"]+)"/.exec(body) ?? [];
      latencies.push(Date.now() - Date.parse(sent));
      response.writeHead(204).end();
    });
  },
  '/taken': (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(latencies));
    latencies = [];
  },
  '/hang': (request) => request.resume(),
  '/drip': (request, response) => {
    request.resume();
    const timer = setInterval(() => response.write('.'), 100);
    response.once('close', () => clearInterval(timer));
  },
  '/flood': (request, response) => {
    request.resume();
    let written = 0;
    const pour = (): void => {
      while (!response.destroyed && written < GIBIBYTE) {
        written += CHUNK.length;
        if (!response.write(CHUNK)) return void response.once('drain', pour);
      }
    };
    pour();
  },
  '/redirect': (request, response) => {
    request.resume();
    response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
  },
  '/break': (request, response) => {
    request.resume();
    response.writeHead(500, { 'content-length': '100' });
    response.write('oops', () => response.destroy());
  },
};

const server = createServer((request, response) => {
  response.on('error', () => undefined);
  const manner = MANNERS[request.url ?? ''];
  if (manner) manner(request, response);
  else response.writeHead(404).end();
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
