import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { duration } from './duration.js';
import { escaped, shortened, widthOf, wrapped } from './text.js';

describe('text in a picture', () => {
  it('never leaves markup, nor a character XML does not have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escaped(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)|\p{Surrogate}/u);
      }),
    );
  });

  it('is cut to the width there is', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 20, max: 400 }), (text, width) => {
        expect(widthOf(shortened(text, width, 12), 12)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('is broken between words, and cut where the lines end', () => {
    expect(wrapped('Ask for a quote in writing', 100, 14, 2)).toEqual(['Ask for a', 'quote in wri…']);
    expect(wrapped('', 100, 14, 2)).toEqual(['']);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [90, '90 seconds'],
    [3_600, '1 hour'],
    [864_000, '10 days'],
    [1_209_600, '2 weeks'],
  ])('of %i s is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});
