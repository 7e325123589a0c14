import { describe, expect, it } from 'vitest';
import { ERRORS, HandoverError, fromProblem, problemSchema, toProblem, type ErrorCode } from './errors.js';

describe('the error catalogue', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('%s survives the way over the wire', (code) => {
    const error = new HandoverError(code, 'what went wrong', {
      errors: [{ pointer: '/a', detail: 'missing' }],
      reasons: ['because'],
      retryAfter: 3,
    });
    const problem = problemSchema.parse(JSON.parse(JSON.stringify(toProblem(error, 'r1'))));
    expect(fromProblem(problem)).toMatchObject({
      code,
      message: 'what went wrong',
      errors: error.errors,
      reasons: ['because'],
    });
    expect(problem).toMatchObject({ status: ERRORS[code].status, requestId: 'r1' });
  });

  it('keeps the LetsFlow members beside the problem', () => {
    const problem = toProblem(new HandoverError('step_refused', 'Failed to execute action', { reasons: ['no'] }));
    expect(problem.error).toEqual({ message: 'Failed to execute action', reason: ['no'] });
  });

  it('reveals nothing of an error nobody threw on purpose', () => {
    const problem = toProblem(new Error('password=hunter2'));
    expect(problem).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });
});
