import { startReceiver, type Receiver } from '@handover/testkit';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startInProcess, type InProcess } from '../in-process.js';

export const ISSUER = 'https://id.example.com';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of a body it says in its expectation
  readonly body: any;
}

export interface Sent {
  /** A bearer token; the admin's unless given. */
  readonly as?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The platform on which every defect is looked for. */
export interface Ground {
  readonly platform: InProcess;
  readonly receiver: Receiver;
  /** A token of the configured issuer. */
  readonly user: (id: string, roles?: unknown, claims?: Record<string, unknown>) => Promise<string>;
  /** A new API key's token. */
  readonly key: (settings: Record<string, unknown>) => Promise<string>;
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Answer>;
  /** Stores a scenario. @returns its id */
  readonly store: (scenario: Record<string, unknown>) => Promise<string>;
  /** Starts a process. @returns its path */
  readonly start: (instructions: Record<string, unknown>) => Promise<string>;
  /** Sets a service up that is told by webhook at this path of the receiver. */
  readonly serve: (name: string, path: string) => Promise<void>;
  close(): Promise<void>;
}

export async function breakGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'defects-'));
  await writeFile(join(folder, 'amount.yaml'), '$id: schema:amount\ntype: number\nminimum: 0\n');
  const platform = await startInProcess({
    auth: { JWT_ISSUER: ISSUER, DEMO_ACCOUNTS: 'true' },
    engine: { SCHEMA_PATH: folder },
  });
  const receiver = await startReceiver({ script: [204] });
  const user: Ground['user'] = (id, roles = [], claims = {}) => platform.jwt({ iss: ISSUER, id, roles, ...claims });
  const admin = await user('arnold', ['admin']);

  const send: Ground['send'] = async (method, path, { as = admin, json, headers = {} } = {}) => {
    const answer = await platform.call(method, path, { token: as, headers, ...(json !== undefined && { json }) });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
  const create = async (path: string, json: unknown): Promise<Answer> => {
    const answer = await send('POST', path, { json });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer;
  };
  return {
    platform,
    receiver,
    user,
    send,
    key: async (settings) => String((await create('/apikey', { name: 'a key', ...settings })).body.token),
    store: async (scenario) => String((await create('/scenarios', scenario)).body.id),
    start: async (instructions) => (await create('/processes', instructions)).headers.get('location') ?? '',
    async serve(name, path) {
      const json = { provider: 'webhook', url: `${receiver.url}${path}` };
      expect((await send('PUT', `/services/${name}`, { json })).status).toBe(201);
    },
    async close() {
      await platform.stop();
      await receiver.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A scenario by one actor `user`, of the actions `go` (stays) and `stop` (ends), with what a test adds. */
export const errand = (title: string, more: object = {}): Record<string, unknown> => ({
  title,
  actors: { user: {} },
  actions: { go: { actor: 'user', update: 'vars.said' }, stop: { actor: 'user' } },
  vars: { said: {} },
  states: {
    initial: {
      transitions: [
        { on: 'go', goto: null },
        { on: 'stop', goto: '(done)' },
      ],
    },
  },
  ...more,
});
export const ARNOLD = { user: { id: 'arnold' } };
