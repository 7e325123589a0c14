import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** The rows of the failure matrix: what fails, how, and the test that shows it. */
const rows = readFileSync(resolve(ROOT, 'deploy/failures.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what |'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, what = '', how = '', , , , shownBy = '']) => ({ what, how, shownBy }));

describe('the failure matrix', () => {
  it.each(rows.filter(({ shownBy }) => !shownBy.startsWith('not tested')))(
    'names a test that there is: $what, $how',
    ({ shownBy }) => {
      const [, path = '', title = ''] = /^`(.+)` › (.+)$/.exec(shownBy) ?? [];
      expect(readFileSync(resolve(ROOT, path), 'utf8')).toContain(title);
    },
  );

  it('gives a reason for each row without a test', () => {
    const untested = rows.filter(({ shownBy }) => shownBy.startsWith('not tested'));
    for (const { shownBy } of untested) expect(shownBy).toMatch(/^not tested: .{20}/);
    expect(untested.length).toBeLessThan(rows.length / 5);
  });

  it('has every component', () => {
    const components = new Set(rows.map(({ what }) => what));
    for (const name of ['gateway', 'engine', 'auth', 'notifier', 'Postgres', 'RabbitMQ', 'a receiver']) {
      expect(components).toContain(name);
    }
  });
});
