import { describe, expectTypeOf, it } from 'vitest';
import type { ApiKey } from '../messages/auth.js';
import type { OperationAnswer, OperationInput, OperationRequest, ProcessBody, REST } from './index.js';

type Step = (typeof REST)['processes']['step'];
type Start = (typeof REST)['processes']['start'];

describe('the types of an operation', () => {
  it('tell a client what to send', () => {
    expectTypeOf<{
      params: { id: string; action: string };
      body: { media: 'application/json'; value: unknown };
      headers: { 'As-Actor': string };
    }>().toExtend<OperationInput<Step>>();
    expectTypeOf<{ params: { id: string; action: string } }>().toExtend<OperationInput<Step>>();
    expectTypeOf<{ params: { id: string } }>().not.toExtend<OperationInput<Step>>();
    expectTypeOf<{ body: { scenario: string; action: 'go' } }>().toExtend<OperationInput<Start>>();
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type
    expectTypeOf<{}>().not.toExtend<OperationInput<Start>>();
    expectTypeOf<{ query: { from: number } }>().toExtend<
      Pick<OperationInput<(typeof REST)['processes']['events']>, 'query'>
    >();
  });

  it('tell a client what comes back, by status', () => {
    expectTypeOf<OperationAnswer<Step>['status']>().toEqualTypeOf<200 | 202 | 204>();
    expectTypeOf<Extract<OperationAnswer<Start>, { status: 201 }>['body']>().toEqualTypeOf<ProcessBody>();
    expectTypeOf<OperationAnswer<(typeof REST)['apiKeys']['list']>['body']>().toEqualTypeOf<ApiKey[]>();
  });

  it('tell a handler what it gets, converted', () => {
    expectTypeOf<OperationRequest<Start>['body']['action']>().toEqualTypeOf<
      { key: string; response?: unknown } | undefined
    >();
    expectTypeOf<OperationRequest<Step>['params']>().toExtend<{ id: string; action: string }>();
  });
});
