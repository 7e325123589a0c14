import { checkScenario } from '@handover/scenario';
import { expect, it } from 'vitest';
import { WORKFLOW_RECORD } from './scenario.js';

it('the scenario of workflow records is one that may be stored, without a doubt', () => {
  expect(checkScenario(JSON.parse(WORKFLOW_RECORD.source))).toMatchObject({ valid: true, errors: [], warnings: [] });
});
