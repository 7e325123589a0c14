/** Topics are dot-separated words; in a pattern `*` stands for one word and `#` for any number, none included (as in AMQP topic exchanges). */

const wordsOf = (topic: string): readonly string[] => (topic === '' ? [] : topic.split('.'));

/**
 * Prepares a pattern for matching.
 * Runs in words(topic) × words(pattern) at worst: after a mismatch only the last `#` is tried again, one word further on.
 * @param pattern such as `acme.process.#` or `*.process.completed.*`
 */
export function topicMatcher(pattern: string): (topic: string) => boolean {
  const wanted = wordsOf(pattern);
  return (topic) => matches(wanted, wordsOf(topic));
}

function matches(pattern: readonly string[], topic: readonly string[]): boolean {
  let at = 0;
  let word = 0;
  let afterHash = -1;
  let swallowed = 0;
  while (word < topic.length) {
    if (pattern[at] === '#') {
      afterHash = ++at;
      swallowed = word;
    } else if (at < pattern.length && (pattern[at] === '*' || pattern[at] === topic[word])) {
      at++;
      word++;
    } else if (afterHash >= 0) {
      at = afterHash;
      word = ++swallowed;
    } else {
      return false;
    }
  }
  while (pattern[at] === '#') at++;
  return at === pattern.length;
}
