import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';

const QUOTE = resolve(import.meta.dirname, '../../deploy/examples/scenarios/quote.yaml');
const WISH = { company: '<Acme>', email: 'claire@example.com', wish: '50 chairs' };

let platform: InProcess;
let admin: string;
let claire: string;

beforeAll(async () => {
  platform = await startInProcess();
  admin = await platform.jwt({ sub: 'admin', roles: ['admin'] });
  claire = await platform.jwt({ sub: 'claire' });
});
afterAll(() => platform.stop());

async function storeQuote(): Promise<string> {
  const stored = await fetch(`${platform.urls[0]}/scenarios`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/yaml' },
    body: await readFile(QUOTE),
  });
  return ((await stored.json()) as { id: string }).id;
}

async function startQuote(): Promise<string> {
  const json = {
    scenario: await storeQuote(),
    actors: { customer: { id: 'claire' } },
    action: { key: 'request', response: WISH },
  };
  const started = await platform.call('POST', '/processes', { token: claire, json });
  return ((await started.json()) as { id: string }).id;
}

describe('a diagram', () => {
  it('of a scenario is an image that nothing can run in', async () => {
    const answer = await platform.call('GET', `/scenarios/${await storeQuote()}/diagram`, { token: admin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await answer.text()).toMatch(/^<svg [^]*<title>Quote<\/title>[^]*<\/svg>\n$/);
  });

  it('of a process shows where it is, and changes as it moves', async () => {
    const process = await startQuote();
    const first = await platform.call('GET', `/processes/${process}/diagram`, { token: claire });
    expect(await first.text()).toContain('The process is in “requested”. It has been in “initial”.');

    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const same = await platform.call('GET', `/processes/${process}/diagram`, { token: claire, headers });
    expect([same.status, await same.text()]).toEqual([304, '']);

    const json = { reason: 'too late' };
    expect((await platform.call('POST', `/processes/${process}/decline`, { token: claire, json })).status).toBe(204);
    const moved = await platform.call('GET', `/processes/${process}/diagram`, { token: claire, headers });
    expect(await moved.text()).toContain('The process is in “declined”. It has been in “initial”, “requested”.');
  });

  it('is refused for a scenario no picture can show', async () => {
    const states = Array.from({ length: 160 }, (_, n) => [`s${n}`, { on: 'go', goto: '(done)' }]);
    const json = { states: { initial: { on: 'go', goto: 's0' }, ...(Object.fromEntries(states) as object) } };
    const stored = await platform.call('POST', '/scenarios', { token: admin, json });
    const { id } = (await stored.json()) as { id: string };
    const answer = await platform.call('GET', `/scenarios/${id}/diagram`, { token: admin });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'diagram_too_large' });
  });
});
