import { freePort } from '@handover/testkit';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');
const BLOCK = /^```(?<language>\w+) (?<role>tour|answer)\n(?<text>[^]*?)^```$/gm;
const SEPARATOR = '--- next block ---';

/** Commands of a manual, with the answer printed below them. */
export interface Step {
  commands: string;
  answer: string;
}

/** The blocks ```` ```sh tour ```` of a manual, each with the ```` ```… answer ```` that follows it. */
export function stepsOf(manual: string): Step[] {
  const found: Step[] = [];
  for (const { groups } of manual.matchAll(BLOCK)) {
    const text = groups?.text ?? '';
    const last = found.at(-1);
    if (groups?.role === 'tour') found.push({ commands: text, answer: '' });
    else if (last) last.answer = text;
  }
  return found;
}

/**
 * Plays the commands in one shell, in a folder with a copy of the examples.
 * @param url of the platform, in place of the one printed
 * @returns what each step printed
 */
export async function play(steps: readonly Step[], url: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'handover-tour-'));
  await cp(join(ROOT, 'deploy/examples'), join(folder, 'deploy/examples'), { recursive: true });
  const receiver = String(await freePort());
  const script = steps
    .map(({ commands }) => `${commands}\necho; echo '${SEPARATOR}'`)
    .join('\n')
    .replaceAll('http://127.0.0.1:3000', url)
    .replaceAll('4000', receiver);
  const { stdout } = await promisify(execFile)('bash', ['-c', `set -m\n${script}`], { cwd: folder, timeout: 60_000 });
  await rm(folder, { recursive: true });
  return stdout.split(SEPARATOR).slice(0, steps.length);
}

/** Hides what differs from run to run: ids, hashes, times, secrets. What is derived from content stays. */
export function masked(text: string): string {
  return text
    .replaceAll(/"(id|process|subject|requestId)":"[^"]+"/g, '"$1":"…"')
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, '<random id>')
    .replaceAll(/[\da-f]{64}/g, '<hash>')
    .replaceAll(/whsec_[^"]+/g, '<secret>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"durationMs":\d+/g, '"durationMs":…')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<address>')
    .trim();
}
