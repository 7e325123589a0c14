import { composed, type CompiledValue } from './compiled-value.js';
import { printed } from './printed.js';

/**
 * Compiles `{"<select>": {$: on, "*": default, key: branch…}}`: the branch whose key `on` prints as; the default when
 * there is none or it is null; else null. All branches are evaluated, so an error in any of them counts. Source:
 * scenario-language §6, own keys by its REC.
 */
export function compileSelect(map: unknown, compile: (part: unknown) => CompiledValue): CompiledValue {
  const branches = compile(map);
  return composed([branches], (data) => select(branches.evaluate(data)));
}

function select(map: unknown): unknown {
  if (typeof map !== 'object' || map === null) return null;
  const branches = map as Readonly<Record<string, unknown>>;
  const own = (key: string): unknown => (Object.hasOwn(branches, key) ? branches[key] : undefined);
  const on = own('$');
  const key = on === null ? 'null' : printed(on);
  const branch = on === undefined || key === '$' || key === '*' ? undefined : own(key);
  return branch ?? own('*') ?? null;
}
