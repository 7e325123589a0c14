// The backend around credit-check.yaml, in one small program without any library: it does the work of both services, and is
// told how workflows go. Usage: node backend.mjs PORT PLATFORM
import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';

const [port = '4000', platform = 'http://127.0.0.1:3000'] = process.argv.slice(2);

/** What a service answers becomes the response of its action. */
const SERVICES = {
  '/screening': () => ({ clear: true }),
  '/bureau': ({ personalNumber }) => ({ score: 500 + (Number(personalNumber.slice(-4)) % 400) }),
};

/** The body is signed by a detached JWS: it belongs, in base64url, between the two dots. */
async function isGenuine(jws, body) {
  const [header = '', , signature = ''] = jws.split('.');
  const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const { keys } = await (await fetch(`${platform}/.well-known/jwks.json`)).json();
  const key = keys.find((one) => one.kid === kid);
  if (!key || alg !== 'RS256') return false;
  const signed = Buffer.from(`${header}.${Buffer.from(body).toString('base64url')}`);
  return verify('sha256', signed, createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'));
}

createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const serve = SERVICES[request.url];
  if (serve) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(serve(JSON.parse(body))));
  } else if (await isGenuine(request.headers['jws-signature'] ?? '', body).catch(() => false)) {
    console.log(body);
    response.writeHead(204).end();
  } else {
    response.writeHead(401).end();
  }
}).listen(Number(port), '127.0.0.1');
