import { describe, expect, it } from 'vitest';
import { checksum, isWellFormed, newToken, tokenHash } from './token.js';

/** Issued keys of the reference (engine-service §5.1). */
const VECTORS = [
  ['d181n2a065vxqA6Sa3T8lXOtWoYFIY', '2FTGTX'],
  ['P68WU6iTAfUGRhS32xdhKFCvrmeDjB', '1VIKjP'],
  ['xb7WnxaKFSUfuT7LLUNDmZwrzrs72W', '4ObqDJ'],
  ['BxJtFPSAcIXzoU4MYhWo3xAO1utrk0', '3lByWn'],
  ['fxs5QESZKCyP9MNxgEaRHFg36IgvTa', '1TjHTr'],
] as const;

describe('a token', () => {
  it.each(VECTORS)('of the reference is recognised: %s%s', (random, expected) => {
    expect(checksum(random)).toBe(expected);
    expect(isWellFormed(`lfl_${random}${expected}`, 'lfl_')).toBe(true);
  });

  it('is made in the form it is recognised by, with any prefix, and never twice', () => {
    const tokens = Array.from({ length: 500 }, () => newToken('acme_'));
    for (const token of tokens) {
      expect(token).toMatch(/^acme_[0-9A-Za-z]{36}$/);
      expect(isWellFormed(token, 'acme_')).toBe(true);
    }
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('with any one character changed, missing or added is none', () => {
    const token = newToken('lfl_');
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'a' ? 'b' : 'a';
      expect(isWellFormed(`${token.slice(0, at)}${other}${token.slice(at + 1)}`, 'lfl_')).toBe(false);
    }
    for (const changed of [token.slice(0, -1), `${token}0`, `${token}\n`, '', 'lfl_', token.slice(4)]) {
      expect(isWellFormed(changed, 'lfl_')).toBe(false);
    }
  });

  it('is found by a digest that tells nothing of what tokens have in common', () => {
    const [random, sum] = VECTORS[0];
    const a = tokenHash(`lfl_${random}${sum}`);
    const b = tokenHash(`lfl_${random}${sum.slice(0, -1)}Y`);
    expect(a).toHaveLength(32);
    expect(a.subarray(0, 4).equals(b.subarray(0, 4))).toBe(false);
  });
});
