import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns what the check returns once it stops throwing', async () => {
    let looks = 0;
    const check = () => {
      looks += 1;
      if (looks < 3) throw new Error('not yet');
      return looks;
    };
    expect(await eventually(check, { everyMs: 1 })).toBe(3);
  });

  it('throws the last error when time is up', async () => {
    const check = async () => Promise.reject(new Error('never'));
    await expect(eventually(check, { withinMs: 20, everyMs: 5 })).rejects.toThrow('never');
  });
});
