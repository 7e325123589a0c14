import { describe, expect, it } from 'vitest';
import { normalizeScenario } from '../normalize/index.js';
import { isUnattended } from './unattended.js';

const unattended = (scenario: object) => isUnattended(normalizeScenario(scenario));

describe('a scenario runs without a person', () => {
  it.each([
    [
      'services alone act',
      { actions: { check: { actor: 'service:bank' } }, states: { initial: { on: 'check', goto: '(done)' } } },
    ],
    [
      'transitions are for services alone',
      { states: { initial: { on: 'check', by: 'service:bank', goto: '(done)' } } },
    ],
    ['time alone moves it', { states: { initial: { after: '1 day', goto: '(late)' } } }],
  ])('when %s', (_, scenario) => {
    expect(unattended(scenario)).toBe(true);
  });

  it.each([
    ['anybody may act', { states: { initial: { on: 'check', goto: '(done)' } } }],
    [
      'one state waits for a person',
      {
        actions: { check: { actor: 'service:bank' }, 'a.check': { actor: 'actor' } },
        states: { initial: { on: 'check', goto: 'a' }, a: { on: 'check', goto: '(done)' } },
      },
    ],
    [
      'who acts is an expression',
      {
        actions: { check: { actor: [{ '<ref>': 'vars.who' }] } },
        vars: { who: 'string' },
        states: { initial: { on: 'check', goto: '(done)' } },
      },
    ],
  ])('but not when %s', (_, scenario) => {
    expect(unattended(scenario)).toBe(false);
  });
});
