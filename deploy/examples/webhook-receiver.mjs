// Receives webhooks and shows those whose signature holds (Standard Webhooks 1.0.0).
//   node deploy/examples/webhook-receiver.mjs PORT SECRET
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const [port, secret] = process.argv.slice(2);
if (!port || !secret?.startsWith('whsec_')) {
  console.error('usage: node deploy/examples/webhook-receiver.mjs PORT whsec_…');
  process.exit(2);
}
const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
const OLDEST_SECONDS = 5 * 60;

/** Whether one of the signatures is ours, and fresh: an old message sent again is no news. */
function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < OLDEST_SECONDS)) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  const genuine = isGenuine(request.headers, body);
  response.writeHead(genuine ? 204 : 400).end();
  console.log(genuine ? body : 'a message that is not genuine was refused');
}).listen(Number(port), '127.0.0.1');
