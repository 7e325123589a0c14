import { describe, expect, it } from 'vitest';
import { preferred } from './accept.js';

describe('preferred', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/yaml', 'application/yaml'],
    ['application/yaml, application/json', 'application/json'],
    ['application/json;q=0.5, application/yaml', 'application/yaml'],
    ['application/*;q=0.2, application/YAML;q=0.9', 'application/yaml'],
    ['text/html', 'application/json'],
    ['application/yaml;q=0', 'application/json'],
    ['', 'application/json'],
  ])('given Accept: %s, answers %s', (accept, expected) => {
    expect(preferred(accept, ['application/json', 'application/yaml'])).toBe(expected);
  });
});
