import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlatform, type Platform } from './src/platform.js';
import { masked, play, stepsOf } from './src/tour.js';

const ROOT = resolve(import.meta.dirname, '../..');

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

const SURFACES = 'services/gateway/src/surfaces';
const MANUALS = [
  'README.md',
  'deploy/examples/README.md',
  `${SURFACES}/asset-processes/README.md`,
  `${SURFACES}/workflow-records/README.md`,
  `${SURFACES}/case-workflows/README.md`,
];

it.each(MANUALS)('the tour of %s answers as printed', async (manual) => {
  const tour = stepsOf(await readFile(join(ROOT, manual), 'utf8'));
  expect(tour.length).toBeGreaterThan(5);
  const answers = await play(tour, platform.url);
  expect(answers.map(masked)).toEqual(tour.map(({ answer }) => masked(answer)));
});
