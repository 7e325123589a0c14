import { OPERATIONS, openApi, parameterNames, type Operation } from '@handover/contracts';

/** The document the gateway serves, and the operations it was made of. */
export const DOCUMENT = openApi(OPERATIONS, { title: 'handover', version: 'test', description: '' });

const PATTERNS = [...OPERATIONS]
  .sort((one, other) => parameterNames(one.path).length - parameterNames(other.path).length)
  .map((operation) => ({
    operation,
    pattern: new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));

/** The operation that serves a request; none where the address is nobody's or has no such method. */
export function operationAt(method: string, path: string): Operation | undefined {
  const [plain = ''] = path.split(/[?#]/, 1);
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
  return PATTERNS.find(({ operation, pattern }) => operation.method === wanted && pattern.test(plain))?.operation;
}
