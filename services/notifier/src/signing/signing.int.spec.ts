import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { startReceiver, type Receiver } from '@handover/testkit';
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Pipeline, notifierDatabase, vault, type NotifierDatabase } from '../test/pipeline.js';
import { createVault } from '../webhooks/secret.js';
import { newKeyPair } from './ed25519.js';
import { createSigningKeys, type SigningKeys } from './signing-keys.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let database: NotifierDatabase;

beforeAll(async () => {
  database = await notifierDatabase();
});
beforeEach(async () => {
  await database.db.deleteFrom('signing_keys').execute();
});
afterAll(() => database.close());

const published = async (keys: SigningKeys): Promise<JSONWebKeySet> =>
  JSON.parse(JSON.stringify({ keys: await keys.published() })) as JSONWebKeySet;

const idsOf = async (keys: SigningKeys) => (await published(keys)).keys.map(({ kid }) => kid);

/** As a receiver with nothing but the public key does (Standard Webhooks, asymmetric). */
function verifiesBy(publicKey: string, body: string, headers: Readonly<Record<string, string>>): boolean {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const content = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  const given = (headers['webhook-signature'] ?? '').split(' ').flatMap((each) => /^v1a,(.+)$/.exec(each)?.[1] ?? []);
  return given.some((signature) => verify(null, content, key, Buffer.from(signature, 'base64')));
}

/** Puts the body back where a detached JWS leaves it out (RFC 7515, appendix F). */
const attached = (detached: string, body: string): string =>
  detached.replace('..', `.${Buffer.from(body).toString('base64url')}.`);

describe('a webhook that asks for a JWS', () => {
  let target: Receiver;
  let pipe: Pipeline;

  beforeEach(async () => {
    target = await startReceiver();
    pipe = new Pipeline(database);
    pipe.start();
  });
  afterEach(async () => {
    await pipe.stop();
    await target.close();
  });

  it('is signed by a key whose public half is published, and by its secret as well', async () => {
    const { id, secret } = await pipe.webhook(target.url, ['*'], 'jws');
    await pipe.emit(pipe.event('p1'));
    const { body, headers } = await target.request(1);

    const signature = headers['jws-signature'] ?? '';
    const { keys } = await published(pipe.keys);
    const verified = await compactVerify(attached(signature, body), createLocalJWKSet({ keys }));
    expect(Buffer.from(verified.payload).toString()).toBe(body);
    expect(decodeProtectedHeader(attached(signature, body))).toEqual({
      alg: 'RS256',
      kid: keys[0]?.kid,
      id: headers['webhook-id'],
      webhook: id,
      timestamp: Number(headers['webhook-timestamp']),
    });
    expect(keys).toEqual([
      { kty: 'RSA', e: 'AQAB', n: expect.any(String), kid: keys[0]?.kid, alg: 'RS256', use: 'sig' },
    ]);
    expect(new Webhook(secret).verify(body, headers)).toBeTruthy();
    await expect(compactVerify(attached(signature, `${body} `), createLocalJWKSet({ keys }))).rejects.toThrow();
  });

  it('is the only kind that has one', async () => {
    await pipe.webhook(target.url);
    await pipe.emit(pipe.event('p1'));
    expect((await target.request(1)).headers).not.toHaveProperty('jws-signature');
  });
});

describe('a webhook that asks for v1a', () => {
  it('is signed by a key pair of its own, beside its secret', async () => {
    const target = await startReceiver();
    const pipe = new Pipeline(database);
    pipe.start();
    try {
      const { secret, publicKey } = await pipe.webhook(target.url, ['*'], 'v1a');
      const { publicKey: other } = newKeyPair();
      await pipe.emit(pipe.event('p1'));
      const { body, headers } = await target.request(1);

      expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/);
      expect(verifiesBy(publicKey ?? '', body, headers)).toBe(true);
      expect(verifiesBy(publicKey ?? '', `${body} `, headers)).toBe(false);
      expect(verifiesBy(other, body, headers)).toBe(false);
      expect(new Webhook(secret).verify(body, headers)).toBeTruthy();
    } finally {
      await pipe.stop();
      await target.close();
    }
  });
});

describe('the keys', () => {
  /** A notifier at a time of its own. */
  const keysAt = (time: number): SigningKeys => createSigningKeys(database.db, vault, () => time);
  const start = Date.parse('2026-01-01T00:00:00Z');

  it('are none until one is needed, and then one, whichever replicas need it', async () => {
    expect(await keysAt(start).published()).toEqual([]);
    const made = await Promise.all([keysAt(start).current(), keysAt(start).current(), keysAt(start).current()]);
    expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
    expect(await idsOf(keysAt(start))).toEqual([made[0].kid]);
  });

  it('outlive a restart', async () => {
    const before = await keysAt(start).current();
    expect((await keysAt(start + DAY_MS).current()).kid).toBe(before.kid);
  });

  it('follow each other: published an hour before it signs, until the one after it is made', async () => {
    const first = await keysAt(start).current();
    const change = start + 90 * DAY_MS;
    expect((await keysAt(change).current()).kid).toBe(first.kid);
    const [second] = await idsOf(keysAt(change));
    expect(second).not.toBe(first.kid);
    expect((await keysAt(change + HOUR_MS).current()).kid).toBe(second);
    expect(await idsOf(keysAt(change + HOUR_MS))).toEqual([second, first.kid]);

    await keysAt(change + 90 * DAY_MS).current();
    expect(await idsOf(keysAt(change + 90 * DAY_MS))).toEqual([expect.any(String), second]);
  });

  it('are of no use without the key of the configuration', async () => {
    await keysAt(start).current();
    const thief = createSigningKeys(database.db, createVault(randomBytes(32)));
    await expect(thief.current()).rejects.toThrow();
  });
});
