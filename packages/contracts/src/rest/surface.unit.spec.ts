import { expect, it } from 'vitest';
import { HandoverError, toProblem } from '../errors.js';
import { assetProcesses, caseWorkflows, letsflow, platform, workflowRecords } from './index.js';

const SURFACES = [letsflow, platform, assetProcesses, workflowRecords, caseWorkflows];

it.each(SURFACES)('$name says nothing of what went wrong inside', ({ failure }) => {
  const problem = toProblem(new Error('password of the database'));
  expect(failure.status?.(problem) ?? problem.status).toBe(500);
  const body = failure.render(problem);
  expect(failure.schema.safeParse(body).error).toBeUndefined();
  expect(JSON.stringify(body)).not.toContain('password');
});

it('asset processes have a code for every failure', () => {
  const codeOf = (error: Error): unknown => (assetProcesses.failure.render(toProblem(error)) as { code: unknown }).code;
  expect(codeOf(new Error('inside'))).toBe('INTERNAL_ERROR');
  expect(codeOf(new HandoverError('precondition_failed', 'changed'))).toBe('CONFLICT');
  expect(codeOf(new HandoverError('unsupported_media_type', 'text/csv'))).toBe('VALIDATION_ERROR');
});
