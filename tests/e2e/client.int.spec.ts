import { createClient, items, ProblemError } from '@handover/client';
import * as library from '@handover/client';
import { transform } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';

const ROOT = resolve(import.meta.dirname, '../..');

let platform: InProcess;
let url: string;
let token: string;
let admin: string;
let scenario: string;

beforeAll(async () => {
  platform = await startInProcess();
  url = platform.urls[0] ?? '';
  admin = await platform.jwt({ sub: 'admin', roles: ['admin'] });
  token = await platform.jwt({ sub: 'alice' });
  const value = await readFile(resolve(ROOT, 'deploy/examples/scenarios/handshake.yaml'), 'utf8');
  const stored = await createClient({ url, token: admin }).scenarios.store({
    body: { media: 'application/yaml', value },
  });
  scenario = stored.body.id;
});
afterAll(() => platform.stop());

it('the sessions in its README print what is written beside them', async () => {
  const readme = await readFile(resolve(ROOT, 'packages/client/README.md'), 'utf8');
  const session = [...readme.matchAll(/```ts session\n([^]*?)```/g)].map(([, code]) => code).join('\n');
  const { code } = await transform(session.replaceAll(/^import .*$/gm, ''), { loader: 'ts' });
  const printed: string[] = [];
  const print = { log: (...words: unknown[]) => printed.push(words.join(' ')) };
  const names = { ...library, url, token, admin, scenario, console: print };

  const Program = (async () => undefined).constructor as new (
    ...source: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new Program(...Object.keys(names), code)(...Object.values(names));

  const expected = [...session.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, words]) => words);
  expect(printed.join(', ')).toBe(expected.join(', '));
});

describe('the client', () => {
  it('does a command once, however often it is sent', async () => {
    const api = createClient({ url, token });
    const headers = { 'Idempotency-Key': 'once' };
    const first = await api.processes.start({ body: { scenario }, headers });
    const second = await api.processes.start({ body: { scenario }, headers });
    expect(second.body.id).toBe(first.body.id);
  });

  it('reads the history in pages', async () => {
    const api = createClient({ url, token });
    const actors = { initiator: { id: 'alice' } };
    const { body } = await api.processes.start({ body: { scenario, actors, action: 'greet' } });
    for (let n = 0; n < 4; n++) {
      await expect(api.processes.step({ params: { id: body.id, action: 'greet' } })).rejects.toThrow(ProblemError);
    }
    const found = [];
    for await (const event of items(api.processes.events, { params: { id: body.id }, query: { limit: 2 } }))
      found.push(event);
    expect(found).toHaveLength(6);
  });

  it('gets a picture as text', async () => {
    const api = createClient({ url, token });
    const { body } = await api.processes.start({ body: { scenario, actors: { initiator: { id: 'alice' } } } });
    const { body: svg } = await api.diagrams.ofProcess({ params: { id: body.id } });
    expect(svg).toMatch(/^<svg /);
  });

  it('says who it is not', async () => {
    const api = createClient({ url, token: 'nobody' });
    await expect(api.scenarios.list()).rejects.toMatchObject({ code: 'unauthenticated', status: 401, retry: 'never' });
  });
});
