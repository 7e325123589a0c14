import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { compile } from '../compile/index.js';
import { scenarioId } from '../identity/index.js';
import { normalizeScenario } from '../normalize/index.js';
import { parseYaml } from '../yaml/index.js';
import { checkScenario } from './index.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the example of the README', () => {
  it('runs and gives the id it says', () => {
    const text = /parseYaml\(`\n(.*?)`\)/s.exec(readme)?.[1] ?? '';
    const id = /scenarioId\(normalizeScenario\(value\)\); \/\/ (\S+)/.exec(readme)?.[1];
    const { value } = parseYaml(text);
    expect(checkScenario(value)).toEqual({ valid: true, errors: [], warnings: [] });
    expect(scenarioId(normalizeScenario(value))).toBe(id);
    expect(() => compile(normalizeScenario(value))).not.toThrow();
  });
});
