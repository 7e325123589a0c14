import { describe, expect, it } from 'vitest';
import { versionRank } from './version-rank.js';

/** From the earliest to the latest. */
const ORDER = [
  'alpha',
  'latest',
  '0.9',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.2',
  '1.0.0-alpha.10',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.1',
  '1.2',
  '1.9.9',
  '1.10',
  'v2',
  '10',
  '2024-01-05',
  '2024-02-01',
  '2024.1',
  '99999999999999999999',
];

describe('the rank of a version', () => {
  it('puts versions in their order', () => {
    const sorted = [...ORDER].reverse().sort((one, other) => (versionRank(one) < versionRank(other) ? -1 : 1));
    expect(sorted).toEqual(ORDER);
  });

  it.each([
    ['1', '1.0'],
    ['1.0', '1.0.0'],
    ['v1.2', '1.2.0'],
    ['01.2', '1.2'],
    ['1.0+build.7', '1.0'],
  ])('is the same for %s and %s', (one, other) => expect(versionRank(one)).toBe(versionRank(other)));

  it('is no longer than an index can take', () => {
    expect(versionRank('9'.repeat(5_000)).length).toBeLessThanOrEqual(200);
    expect(versionRank('x'.repeat(5_000)).length).toBeLessThanOrEqual(200);
  });
});
