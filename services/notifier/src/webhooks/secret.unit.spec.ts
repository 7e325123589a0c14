import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { createVault, newSecret, ownerOf } from './secret.js';

const key = randomBytes(32);
const owner = ownerOf('acme', 'wh_1');

describe('a webhook’s secret', () => {
  it('is new every time and one the public library takes', () => {
    const secret = newSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSecret()).not.toBe(secret);
    expect(() => new Webhook(secret)).not.toThrow();
  });

  it('comes out of the vault as it went in', () => {
    const vault = createVault(key);
    expect(vault.open(vault.seal('whsec_abc', owner), owner)).toBe('whsec_abc');
  });

  it('is sealed differently every time, and unreadable', () => {
    const vault = createVault(key);
    const sealed = vault.seal('whsec_abc', owner);
    expect(sealed.includes('abc')).toBe(false);
    expect(vault.seal('whsec_abc', owner).equals(sealed)).toBe(false);
  });

  it('does not open with another key, for another owner, or when a bit was changed', () => {
    const vault = createVault(key);
    const sealed = vault.seal('whsec_abc', owner);
    expect(() => createVault(randomBytes(32)).open(sealed, owner)).toThrow();
    expect(() => vault.open(sealed, ownerOf('other', 'wh_1'))).toThrow();
    expect(() => vault.open(sealed, ownerOf('acme', 'wh_2'))).toThrow();
    for (let place = 0; place < sealed.length; place += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      expect(() => vault.open(changed, owner)).toThrow();
    }
  });

  it('is bound to owners that cannot be confused', () => {
    expect(ownerOf('a","b', 'c')).not.toBe(ownerOf('a', 'b","c'));
  });
});
