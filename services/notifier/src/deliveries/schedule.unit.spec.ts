import { describe, expect, it } from 'vitest';
import { parseSchedule } from './schedule.js';

describe('a schedule', () => {
  it('is a list of delays in seconds, minutes, hours or days', () => {
    expect(parseSchedule('0s,5s,5m,2h,1d')).toEqual([0, 5_000, 300_000, 7_200_000, 86_400_000]);
  });

  it('may have spaces and fractions', () => {
    expect(parseSchedule(' 0s , 0.25s, 1.5h ')).toEqual([0, 250, 5_400_000]);
  });

  it.each(['', '5', '5x', '-5s', '0s,,5s', '0s,', '1e3s', '.5s', 's', '5 s', '31d'])('cannot be "%s"', (text) => {
    expect(() => parseSchedule(text)).toThrow(RangeError);
  });

  it('has at most 50 attempts', () => {
    expect(parseSchedule(Array(50).fill('1s').join(','))).toHaveLength(50);
    expect(() => parseSchedule(Array(51).fill('1s').join(','))).toThrow('1 to 50');
  });

  it('names the entry that is wrong', () => {
    expect(() => parseSchedule('0s,5y')).toThrow("'5y' is not a delay");
  });
});
