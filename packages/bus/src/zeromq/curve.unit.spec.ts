import { describe, expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { checkCurve, decodeKey } from './curve.js';

describe('CURVE keys', () => {
  test('are read as ZeroMQ RFC 32 writes them', () => {
    const key = 'JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6';
    expect(decodeKey(key, 'key').toString('hex')).toBe(
      '8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7',
    );
  });

  test.each(['', 'short', 'x'.repeat(41), '~'.repeat(40), '#'.repeat(40)])('refuses %j without repeating it', (key) => {
    expect(() => decodeKey(key, 'curve.publicKey')).toThrow('curve.publicKey is not a CURVE key');
    if (key) expect(() => decodeKey(key, 'curve.publicKey')).not.toThrow(key);
  });

  test('are checked before anything starts', () => {
    const { publicKey, secretKey } = curveKeyPair();
    const curve = { publicKey, secretKey, serverKeys: { a: publicKey }, allowedClients: [publicKey] };
    expect(() => checkCurve(curve, ['a'])).not.toThrow();
    expect(() => checkCurve(curve, ['a', 'b'])).toThrow('curve.serverKeys.b');
    expect(() => checkCurve({ ...curve, allowedClients: [] }, ['a'])).toThrow('allowedClients is empty');
    expect(() => checkCurve({ ...curve, allowedClients: [publicKey, 'bad'] }, ['a'])).toThrow('curve.allowedClients.1');
  });
});
