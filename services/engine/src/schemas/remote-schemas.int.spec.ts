import { startReceiver, type Receiver } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRemoteSchemas, type RemoteSchemaOptions, type RemoteSchemas } from './remote-schemas.js';

let server: Receiver;
let host: string;
const opened: RemoteSchemas[] = [];

beforeEach(async () => {
  server = await startReceiver();
  host = new URL(server.url).host;
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await server.close();
});

function remote(options: Partial<RemoteSchemaOptions> = {}): RemoteSchemas {
  const one = createRemoteSchemas({ hosts: [host], isDevelopment: true, ...options });
  opened.push(one);
  return one;
}

const asJson = (value: unknown) => ({
  status: 200,
  headers: { 'content-type': 'application/schema+json' },
  body: JSON.stringify(value),
});
const refused = (id: string, detail: unknown) => ({
  code: 'invalid_scenario',
  errors: [
    { pointer: '', detail: expect.stringMatching(new RegExp(`^the schema ${id} .*${String(detail)}`)) as string },
  ],
});

describe('a schema elsewhere', () => {
  it('is fetched where its host is allowed, and nowhere else', () => {
    const some = remote({ hosts: ['example.com', 'example.com:8443'], isDevelopment: false });
    expect(some.isAllowed('https://example.com/a.json')).toBe(true);
    expect(some.isAllowed('https://EXAMPLE.com:443/a.json')).toBe(true);
    expect(some.isAllowed('https://example.com:8443/a.json')).toBe(true);
    for (const id of [
      'http://example.com/a.json',
      'https://example.com:8080/a.json',
      'https://sub.example.com/a.json',
      'https://example.com.evil.com/a.json',
      'https://example.com@evil.com/a.json',
      'https://me:pw@example.com/a.json',
      'ftp://example.com/a.json',
      'file:///etc/passwd',
      'schema:person',
      'person',
    ]) {
      expect(some.isAllowed(id), id).toBe(false);
    }
    expect(remote({ hosts: [] }).isAllowed('https://example.com/a.json')).toBe(false);
  });

  it('is what the standard says, unless it says that it is in the simplified notation', async () => {
    const id = `${server.url}/person.json`;
    server.answer(asJson({ $id: `${id}#`, properties: { name: { type: 'string' } } }));
    expect(await remote().fetch(id)).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: id,
      properties: { name: { type: 'string' } },
    });
    server.answer(asJson({ $schema: 'https://schemas.letsflow.io/v1.0/schema', properties: { name: 'string' } }));
    expect(await remote().fetch(id)).toMatchObject({ type: 'object', properties: { name: { type: 'string' } } });
  });

  it('is asked for once by many, and again after it could not be had', async () => {
    const id = `${server.url}/flaky.json`;
    const one = remote();
    server.answer(503, asJson({ type: 'string' }));
    await expect(Promise.all([one.fetch(id), one.fetch(id)])).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.requests).toHaveLength(1);
    await Promise.all([one.fetch(id), one.fetch(id)]);
    await one.fetch(id);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]).toMatchObject({ method: 'GET', path: '/flaky.json' });
  });

  it.each([
    ['answers 404', 404, 'answered 404'],
    ['leads elsewhere', { status: 302, headers: { location: '/other.json' } }, 'redirects are not followed'],
    ['is no JSON', { status: 200, body: '<html>' }, 'no JSON'],
    ['is no schema', asJson([]), 'must be an object'],
    ['is of an older standard', asJson({ $schema: 'http://json-schema.org/draft-07/schema#' }), 'must be https'],
    ['calls itself another', asJson({ $id: 'https://example.com/other' }), 'must be http'],
    ['holds keys that harm', { status: 200, body: '{"__proto__":{}}' }, '__proto__'],
    ['is too large', asJson({ description: 'x'.repeat(300_000) }), 'larger than 262144 bytes'],
  ])('that %s makes the scenario invalid', async (_, answer, detail) => {
    server.answer(answer);
    const id = `${server.url}/bad.json`;
    await expect(remote().fetch(id)).rejects.toMatchObject(refused(id, detail));
    expect(server.requests).toHaveLength(1);
  });

  it('is not waited for longer than a while, and never at an address that is not public', async () => {
    server.answer('hang');
    const id = `${server.url}/slow.json`;
    await expect(remote({ timeoutMs: 50 }).fetch(id)).rejects.toMatchObject({ code: 'unavailable' });
    const seen = server.requests.length;
    const { port } = new URL(server.url);
    for (const name of ['127.0.0.1', 'localhost', '10.0.0.1', '[::1]', '169.254.169.254']) {
      const inside = `https://${name}:${port}/a.json`;
      const strict = remote({ hosts: [`${name}:${port}`], isDevelopment: false });
      expect(strict.isAllowed(inside)).toBe(true);
      await expect(strict.fetch(inside)).rejects.toMatchObject({
        errors: [{ detail: `the schema ${inside} cannot be had: the host has no public address` }],
      });
    }
    expect(server.requests).toHaveLength(seen);
  });
});
