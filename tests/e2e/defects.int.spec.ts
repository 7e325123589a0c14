import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessDefects } from './src/defects/access.js';
import { breakGround, type Ground } from './src/defects/ground.js';
import { processDefects } from './src/defects/processes.js';
import { scenarioDefects } from './src/defects/scenarios.js';
import { serviceDefects } from './src/defects/services.js';

const ROOT = resolve(import.meta.dirname, '../..');
const DEFECTS = { ...accessDefects, ...processDefects, ...scenarioDefects, ...serviceDefects };

let ground: Ground;

beforeAll(async () => {
  ground = await breakGround();
}, 60_000);
afterAll(() => ground.close());

/** Whoever comes from the engine whose API this is asks for each of these. */
describe('a known defect of LetsFlow’s engine is none of ours', () => {
  it('for all forty of them', () => {
    const numbers = Object.keys(DEFECTS).map((key) => Number(key.slice(1)));
    expect(numbers.sort((one, other) => one - other)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  });

  it.each(Object.entries(DEFECTS).map(([key, { fact, shown }]) => [key, fact, shown] as const))(
    '%s: %s',
    async (_key, _fact, shown) => {
      if (typeof shown === 'function') return shown(ground);
      expect(shown.because).not.toBe('');
      expect(await readFile(resolve(ROOT, shown.file), 'utf8')).toContain(`it('${shown.test}'`);
    },
  );
});
