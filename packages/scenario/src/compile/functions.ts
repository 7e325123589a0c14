import { compileValue, type CompiledValue } from '../functions/index.js';
import type { ExpressionOptions } from '../jmespath/index.js';

/** Compiles values and keeps track of what all of them together read. */
export interface ValueCompiler {
  compile(value: unknown): CompiledValue;
  /** Members of the process the values compiled so far may read; `*` when one may read all of it. */
  readonly reads: ReadonlySet<string>;
}

export function createValueCompiler(options: ExpressionOptions): ValueCompiler {
  const reads = new Set<string>();
  return {
    reads,
    compile(value) {
      const compiled = compileValue(value, options);
      for (const member of compiled.reads) reads.add(member);
      return compiled;
    },
  };
}

const PLAIN_PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/**
 * Whether evaluating a value may fail. Where only a failure would show, a value that is sure to succeed need not be
 * evaluated: constants, references of the form `a.b.c`, and templates that could be parsed.
 */
export function mayFail(value: unknown, compiled: CompiledValue): boolean {
  return compiled.problems.length > 0 || !isTame(value);
}

function isTame(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if ('<ref>' in value) return typeof value['<ref>'] === 'string' && PLAIN_PATH.test(value['<ref>']);
  if ('<tpl>' in value) return typeof value['<tpl>'] === 'string';
  return !('<select>' in value) && Object.values(value).every(isTame);
}
