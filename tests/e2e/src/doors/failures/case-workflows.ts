import { NOWHERE } from '../furniture.js';
import { newKey, type Failure } from './failure.js';

const invalidRun = (field: string) => ({ code: 'invalid_request', details: [{ field }] });
const noRun = { code: 'not_found' };

/** Refused requests of case workflows, by operation. */
export const CASE_FAILURES: Readonly<Record<string, readonly Failure[]>> = {
  createCase: [
    ['a member nobody knows', 400, { code: 'invalid_request' }, () => ({ json: { nickname: 'Ada' } })],
    ['an address that is none', 400, invalidRun('email'), () => ({ json: { email: 'at home' } })],
  ],
  getCase: [['an id of nothing', 404, noRun, () => ({ params: { caseId: NOWHERE } })]],
  createParameters: [
    [
      'an unknown definition',
      404,
      { code: 'scenario_not_found' },
      () => ({ json: { workflowDefinitionId: NOWHERE, parameters: {} } }),
    ],
    [
      'a parameter the definition has not',
      400,
      invalidRun('parameters.lunch'),
      async ({ rating }) => ({ json: { workflowDefinitionId: await rating(), parameters: { lunch: 1 } } }),
    ],
    [
      'a value that is not valid',
      400,
      invalidRun('parameters.level'),
      async ({ rating }) => ({ json: { workflowDefinitionId: await rating(), parameters: { level: 0 } } }),
    ],
    [
      'no parameters',
      400,
      invalidRun('parameters'),
      async ({ rating }) => ({ json: { workflowDefinitionId: await rating() } }),
    ],
  ],
  runWorkflow: [
    [
      'an unknown case',
      404,
      noRun,
      async ({ rating }) => ({ json: { caseId: NOWHERE, workflowDefinitionId: await rating() } }),
    ],
    [
      'an unknown definition',
      404,
      { code: 'scenario_not_found' },
      async ({ caseOf }) => ({ json: { caseId: (await caseOf()).caseId, workflowDefinitionId: NOWHERE } }),
    ],
    [
      'unknown parameters',
      404,
      noRun,
      async ({ caseOf, rating }) => ({
        json: { caseId: (await caseOf()).caseId, workflowDefinitionId: await rating(), parametersId: NOWHERE },
      }),
    ],
    [
      'parameters of another definition',
      400,
      invalidRun('parametersId'),
      async ({ caseOf, rating, parameterised, parameters }) => ({
        json: {
          caseId: (await caseOf()).caseId,
          workflowDefinitionId: await rating(),
          parametersId: (await parameters(await parameterised())).id,
        },
      }),
    ],
    [
      'a definition that needs a person',
      400,
      invalidRun('workflowDefinitionId'),
      async ({ caseOf, signing }) => ({
        json: { caseId: (await caseOf()).caseId, workflowDefinitionId: await signing() },
      }),
    ],
    [
      'a case whose id is none',
      400,
      invalidRun('caseId'),
      async ({ rating }) => ({ json: { caseId: '17', workflowDefinitionId: await rating() } }),
    ],
    [
      'the idempotency key of another run',
      409,
      { code: 'idempotency_mismatch' },
      async ({ run, caseOf, rating }) => {
        const workflowDefinitionId = await rating();
        const headers = newKey();
        await run(workflowDefinitionId, headers);
        return { json: { caseId: (await caseOf()).caseId, workflowDefinitionId }, headers };
      },
    ],
  ],
  getWorkflowStatus: [
    ['an id of nothing', 404, noRun, () => ({ params: { workflowId: NOWHERE } })],
    [
      'a wait that is too long',
      400,
      invalidRun('wait'),
      () => ({ params: { workflowId: NOWHERE }, query: '?wait=61' }),
    ],
    ['a process that is no run', 404, noRun, async ({ record }) => ({ params: { workflowId: (await record()).id } })],
  ],
  getWorkflowResult: [
    ['an id of nothing', 404, noRun, () => ({ params: { workflowId: NOWHERE } })],
    [
      'a workflow that is not finished',
      409,
      { code: 'state_conflict' },
      async ({ run, rating }) => ({ params: { workflowId: (await run(await rating())).id } }),
    ],
  ],
};
