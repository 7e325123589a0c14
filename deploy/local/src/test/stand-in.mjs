/**
 * Stands in for a service: keeps the contract between launcher and services and writes down what happens to it, one JSON
 * object a line, in the file STAND_IN_JOURNAL. Misbehaves on request: STAND_IN_<NAME> is one of `hang` (never stops by
 * itself), `fail` (ends before it is ready), `mute` (is never ready).
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const name = basename(dirname(dirname(fileURLToPath(import.meta.url))));
const behaviour = process.env[`STAND_IN_${name.toUpperCase()}`];

function note(event, more = {}) {
  appendFileSync(process.env.STAND_IN_JOURNAL, `${JSON.stringify({ event, name, pid: process.pid, ...more })}\n`);
}

function end(reason) {
  if (behaviour === 'hang') return;
  note('stopped', { reason });
  process.exit(0);
}

if (import.meta.url.endsWith('/migrate.js')) {
  note('migrated', { url: process.env.MIGRATION_DATABASE_URL });
  if (behaviour === 'bad migration') throw new Error('no such table');
  process.exit(0);
}

process.on('SIGTERM', () => end('SIGTERM'));
process.on('SIGINT', () => note('interrupted'));
process.on('disconnect', () => end('disconnect'));
note('started', { environment: process.env });
if (behaviour === 'fail') throw new Error('something essential is missing');

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { method, url, headers } = request;
  note('request', { method, url, body, authorization: headers.authorization, type: headers['content-type'] });
  const accounts = [
    { id: 'alice', info: { name: 'Alice' }, roles: ['support'], token: 'token-of-alice' },
    { id: 'admin', info: { name: 'Arnold' }, roles: ['admin'], token: 'token-of-admin' },
  ];
  const refused = body.includes('refuse me');
  response.writeHead(refused ? 400 : 200).end(url === '/demo-accounts' ? JSON.stringify(accounts) : '{"id":"1"}');
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ level: 'info', service: name, msg: 'listening' }));
  console.log(JSON.stringify({ level: 'warn', service: name, msg: 'careful', err: { message: 'a reason' } }));
  console.error('loose words');
  note('ready');
  if (behaviour !== 'mute') {
    process.send({ kind: 'ready', addresses: { ops: address, ...(name === 'gateway' && { http: address }) } });
  }
});
