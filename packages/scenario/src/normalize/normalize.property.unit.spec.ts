import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scenarioId } from '../identity/index.js';
import { NormalizeError, normalizeScenario } from './index.js';
import { scenarioArbitrary } from './test/scenario.arbitrary.js';

/** Scenarios that have a normal form. */
const scenarios = scenarioArbitrary.filter(isNormalizable);

describe('normalizeScenario, for any scenario', () => {
  it('changes nothing in what is normalised, and keeps its id', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const once = normalizeScenario(scenario);
        const twice = normalizeScenario(once);
        expect(twice).toEqual(once);
        expect(scenarioId(twice)).toBe(scenarioId(once));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same id whatever the order of keys', () => {
    fc.assert(
      fc.property(scenarios, fc.infiniteStream(fc.nat()), (scenario, order) => {
        const shuffled = normalizeScenario(shuffle(scenario, order));
        expect(scenarioId(shuffled)).toBe(scenarioId(normalizeScenario(scenario)));
      }),
    );
  });

  it('leaves the input as it was, and shares nothing with it', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const before = JSON.stringify(scenario);
        const normalized = normalizeScenario(deepFreeze(scenario));
        const expected = JSON.stringify(normalized);
        scribble(normalized);
        expect(JSON.stringify(scenario)).toBe(before);
        expect(JSON.stringify(normalizeScenario(scenario))).toBe(expected);
      }),
    );
  });
});

function isNormalizable(scenario: unknown): boolean {
  try {
    normalizeScenario(scenario);
    return true;
  } catch (error) {
    if (error instanceof NormalizeError) return false;
    throw error;
  }
}

/** Lists made of keys follow the order of these maps: the actors of implicit actions, the required properties. */
const LISTED = ['actors', 'properties'];

function shuffle(value: unknown, order: Iterator<number>, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffle(item, order));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, shuffle(member, order, key)] as const);
  if (LISTED.includes(name)) return Object.fromEntries(entries);
  const rank = new Map(entries.map(([key]) => [key, order.next().value as number]));
  return Object.fromEntries(entries.sort(([a], [b]) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0)));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

/** Throws when any part is frozen, that is, comes from the input. */
function scribble(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(scribble);
  Object.assign(value, Array.isArray(value) ? [1] : { scribbled: true });
}
