import { instantiate, step } from '@handover/process';
import { compile, normalizeScenario } from '@handover/scenario';
import { describe, expect, it } from 'vitest';

import { SUBJECTS } from './scenarios.js';

const now = '2026-01-01T00:00:00.000Z';

describe.each(SUBJECTS)('the $name scenario', ({ scenario, round }) => {
  const compiled = compile(normalizeScenario(scenario));
  const newborn = instantiate(compiled, { id: '0b6bd3a5-32c3-4e4b-8a4e-0a1f0a2f2f11', now }).process;

  it('does not read its history, so that a step need not pay for it', () => {
    expect(compiled.readsHistory).toBe(false);
  });

  it('goes round without a refusal', () => {
    let process = newborn;
    for (const request of [...round, ...round]) {
      const { event, process: after } = step(process, { ...request, now });
      expect(event.errors).toBeUndefined();
      process = after;
    }

    expect(process.current.key).toBe('initial');
  });
});
