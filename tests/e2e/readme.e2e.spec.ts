import { freePort } from '@handover/testkit';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlatform, type Platform } from './src/platform.js';

const ROOT = resolve(import.meta.dirname, '../..');
const BLOCK = /^```(?<language>\w+) (?<role>tour|answer)\n(?<text>[^]*?)^```$/gm;
const SEPARATOR = '--- next block ---';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

interface Step {
  commands: string;
  answer: string;
}

/** The tour's commands, each with the answer printed below it. */
function steps(readme: string): Step[] {
  const found: Step[] = [];
  for (const { groups } of readme.matchAll(BLOCK)) {
    const text = groups?.text ?? '';
    const last = found.at(-1);
    if (groups?.role === 'tour') found.push({ commands: text, answer: '' });
    else if (last) last.answer = text;
  }
  return found;
}

/** Hides what differs from run to run: ids, hashes, times, secrets. What is derived from content stays. */
function masked(text: string): string {
  return text
    .replaceAll(/"(id|process|subject|requestId)":"[^"]+"/g, '"$1":"…"')
    .replaceAll(/[\da-f]{64}/g, '<hash>')
    .replaceAll(/whsec_[^"]+/g, '<secret>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"durationMs":\d+/g, '"durationMs":…')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<address>')
    .trim();
}

it('the tour of the README answers as printed', async () => {
  const tour = steps(await readFile(join(ROOT, 'README.md'), 'utf8'));
  expect(tour.length).toBeGreaterThan(5);
  const folder = await mkdtemp(join(tmpdir(), 'handover-tour-'));
  await cp(join(ROOT, 'deploy/examples'), join(folder, 'deploy/examples'), { recursive: true });
  const receiver = String(await freePort());
  const script = tour
    .map(({ commands }) => `${commands}\necho; echo '${SEPARATOR}'`)
    .join('\n')
    .replaceAll('http://127.0.0.1:3000', platform.url)
    .replaceAll('4000', receiver);

  const { stdout } = await promisify(execFile)('bash', ['-c', `set -m\n${script}`], { cwd: folder, timeout: 60_000 });

  const answers = stdout.split(SEPARATOR).slice(0, tour.length);
  expect(answers.map(masked)).toEqual(tour.map(({ answer }) => masked(answer)));
  await rm(folder, { recursive: true });
});
