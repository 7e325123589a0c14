import { describe, expect, test } from 'vitest';
import { topicMatcher } from './topic.js';

/** The definition, slow and obvious: tried against it, word by word. */
function definition(pattern: readonly string[], topic: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return topic.length === 0;
  if (first === '#') return Array.from({ length: topic.length + 1 }).some((_, n) => definition(rest, topic.slice(n)));
  return topic.length > 0 && (first === '*' || first === topic[0]) && definition(rest, topic.slice(1));
}

function* sentences(words: readonly string[], length: number): Generator<string[]> {
  if (length === 0) return yield [];
  for (const word of words) for (const rest of sentences(words, length - 1)) yield [word, ...rest];
}

describe('topic patterns', () => {
  test.each([
    ['acme.process.completed', 'acme.process.completed', true],
    ['acme.process.completed', 'acme.process', false],
    ['*.process.*', 'acme.process.stepped', true],
    ['*.process.*', 'acme.process.stepped.twice', false],
    ['*.process.#', 'acme.process', true],
    ['*.process.#', 'acme.process.a.b.c', true],
    ['#', 'anything.at.all', true],
    ['#.completed', 'completed', true],
    ['#.a.#.b', 'x.a.y.a.z.b', true],
    ['#.a.#.b', 'x.b.y.a', false],
    ['acme', 'acmes', false],
  ])('%s and %s: %s', (pattern, topic, expected) => {
    expect(topicMatcher(pattern)(topic)).toBe(expected);
  });

  test('agree with the definition for every pattern of four words and topic of five', () => {
    const topics = [1, 2, 3, 4, 5].flatMap((length) => [...sentences(['a', 'b'], length)]);
    for (const length of [1, 2, 3, 4]) {
      for (const pattern of sentences(['a', 'b', '*', '#'], length)) {
        const matches = topicMatcher(pattern.join('.'));
        for (const topic of topics) {
          expect([pattern, topic, matches(topic.join('.'))]).toEqual([pattern, topic, definition(pattern, topic)]);
        }
      }
    }
  });

  test('take no longer for patterns made to be slow', () => {
    const matches = topicMatcher('#.a.'.repeat(30) + 'b');
    const before = performance.now();
    expect(matches('a.'.repeat(120) + 'c')).toBe(false);
    expect(performance.now() - before).toBeLessThan(100);
  });
});
