import { describe, expect, it } from 'vitest';
import { OPERATIONS, errorsOf, parameterNames, type Example, type Operation } from './index.js';

const each = OPERATIONS.map((operation) => [operation.id, operation] as const);

/** What is wrong with an example, in the words of the schemas. */
function faults({ params, query, headers, body, answers, path }: Operation, example: Example): string[] {
  const wrong: string[] = [];
  const check = (
    part: string,
    schema: { safeParse(value: unknown): { error?: unknown } } | undefined,
    value: unknown,
  ) => {
    const failed = schema?.safeParse(value).error;
    if (failed) wrong.push(`${part}: ${failed instanceof Error ? failed.message : 'not valid'}`);
  };
  check('params', params, example.params ?? {});
  check('query', query, example.query ?? {});
  check('headers', headers, example.headers ?? {});
  if (example.body !== undefined) check('body', body?.content[example.media ?? 'application/json'], example.body);
  const answer = answers[example.status];
  if (!answer) wrong.push(`status ${example.status} is none of its answers`);
  if (answer?.schema) check('answer', answer.schema, example.answer);
  const missing = parameterNames(path).filter((name) => example.params?.[name] === undefined);
  return [...wrong, ...missing.map((name) => `no ${name}`)];
}

describe('the operations', () => {
  it('have ids of their own', () => {
    const ids = OPERATIONS.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('have addresses of their own, whatever the parameters are called', () => {
    const addresses = OPERATIONS.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(addresses.filter((address, index) => addresses.indexOf(address) !== index)).toEqual([]);
  });
});

describe.each(each)('%s', (_, operation) => {
  it('describes the parameters of its path and no others', () => {
    if (operation.params) expect(Object.keys(operation.params.shape)).toEqual(parameterNames(operation.path));
  });

  it('has an example that is right', () => {
    expect(operation.examples.length).toBeGreaterThan(0);
    expect(operation.examples.flatMap((example) => faults(operation, example))).toEqual([]);
  });

  it('lists no error that comes by itself', () => {
    const own = new Set(errorsOf({ ...operation, errors: [] }));
    expect(operation.errors.filter((code) => own.has(code))).toEqual([]);
  });
});
