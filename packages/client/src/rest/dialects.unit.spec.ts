import {
  ERRORS,
  HandoverError,
  assetProcesses,
  caseWorkflows,
  platform,
  toProblem,
  workflowRecords,
  type ErrorCode,
} from '@handover/contracts';
import { describe, expect, it } from 'vitest';
import { problemOf } from './problem.js';

/** Answers as each API gives them, for every code of the catalogue. */
describe.each([platform, assetProcesses, workflowRecords, caseWorkflows])('a failure of $name', ({ failure }) => {
  const answer = (code: ErrorCode, errors?: readonly { pointer: string; detail: string; in: 'body' }[]) => {
    const problem = toProblem(new HandoverError(code, `What is wrong: ${code}`, errors ? { errors } : {}));
    const status = failure.status?.(problem) ?? problem.status;
    return { status, error: problemOf(new Response(JSON.stringify(failure.render(problem)), { status })) };
  };

  it.each(Object.keys(ERRORS) as ErrorCode[])('%s is told in its words and by a known code', async (code) => {
    const { status, error } = answer(code);
    const told = await error;
    expect(told.status).toBe(status);
    expect(told.message).toContain(`What is wrong: ${code}`);
    expect(Object.keys(ERRORS)).toContain(told.code);
  });

  it('is invalid field by field', async () => {
    const wrong = [{ pointer: '/step_data/a~1b', detail: 'is no step', in: 'body' as const }];
    const told = await answer('invalid_request', wrong).error;
    expect(told.code).toBe('invalid_request');
    expect(told.errors).toMatchObject([{ pointer: '/step_data/a~1b', detail: 'is no step' }]);
  });
});

it('what is no answer of ours has no code', async () => {
  for (const body of ['<html>', '[]', 'null', '{"status":"down"}']) {
    expect(await problemOf(new Response(body, { status: 502 }))).toMatchObject({ code: 'unknown', retry: 'retry' });
  }
});
