import { authConfig } from '@handover/auth/in-process';
import { ERRORS } from '@handover/contracts';
import { engineConfig } from '@handover/engine/in-process';
import { gatewayConfig } from '@handover/gateway/in-process';
import { notifierConfig } from '@handover/notifier/in-process';
import { configVariables } from '@handover/runtime';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const variables = new Map(
  [authConfig, engineConfig, gatewayConfig, notifierConfig]
    .flatMap((schema) => configVariables(schema))
    .map((variable) => [variable.name, variable.default]),
);
const rows = readFileSync(resolve(import.meta.dirname, '../../deploy/limits.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| limit |'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, limit = '', of = '', standard = '', what = '']) => ({ limit, of, standard, what }));

describe('the page of limits', () => {
  it.each(rows.filter(({ of }) => of !== 'fixed'))('says of $of what the configuration says', ({ of, standard }) => {
    const name = of.replaceAll('`', '');
    expect([...variables.keys()]).toContain(name);
    expect(standard === 'unset' ? undefined : standard.replaceAll('`', '')).toBe(variables.get(name));
  });

  it('names errors that there are, with their status', () => {
    const named = rows.flatMap(({ what }) => [...what.matchAll(/`(\w+)` \((\d{3})\)/g)]);
    expect(named.length).toBeGreaterThan(10);
    for (const [, code = '', status] of named) {
      expect({ code, status: ERRORS[code as keyof typeof ERRORS]?.status }).toEqual({ code, status: Number(status) });
    }
  });

  it('leaves out no variable that bounds something', () => {
    const bounding = /LIMIT|CONCURRENCY|_POOL$|_CACHE|WATCHES|TIMEOUT|_DAYS$|_HOURS$|_AFTER|DEPTH|PER_|SCHEDULE|TTL/;
    const named = new Set(rows.map(({ of }) => of.replaceAll('`', '')));
    expect([...variables.keys()].filter((name) => bounding.test(name) && !named.has(name))).toEqual([]);
  });
});
