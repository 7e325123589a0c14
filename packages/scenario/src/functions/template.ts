import { EVERYTHING, type ExpressionOptions } from '../jmespath/index.js';
import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { composed, constant, failing, type CompiledValue } from './compiled-value.js';
import { DataFunctionError } from './error.js';
import { Template } from './mustache/index.js';

/**
 * Compiles `{"<tpl>": text}`, or `{"<tpl>": {template, view, partials}}` whose parts may hold data functions
 * themselves: a Mustache template rendered without HTML escaping over the view, which is the data when it is null.
 * Without template it yields undefined. Source: scenario-language §6.
 */
export function compileTemplate(
  source: unknown,
  options: ExpressionOptions,
  compile: (part: unknown) => CompiledValue,
): CompiledValue {
  const limits = options.limits ?? DEFAULT_LIMITS;
  if (typeof source === 'string') return compileParts(constant(source), constant(null), constant(null), limits);
  if (source === null) {
    return failing(new DataFunctionError('', "Cannot use 'in' operator to search for 'template' in null"));
  }
  if (typeof source !== 'object' || !Object.hasOwn(source, 'template')) {
    return { ...constant(undefined), constant: false };
  }
  const { template, view, partials } = source as { template: unknown; view?: unknown; partials?: unknown };
  return compileParts(compile(template), compile(view), compile(partials), limits);
}

function compileParts(
  template: CompiledValue,
  view: CompiledValue,
  partials: CompiledValue,
  limits: Limits,
): CompiledValue {
  const parts = [template, view, partials];
  if (!template.constant) {
    const evaluate = (data: unknown): string =>
      render(parse(template.evaluate(data), limits), view.evaluate(data), partials.evaluate(data), data);
    return composed(parts, evaluate, [EVERYTHING]);
  }
  let parsed: Template;
  try {
    parsed = parse(template.evaluate(null), limits);
  } catch (error) {
    if (error instanceof DataFunctionError) return failing(error);
    throw error;
  }
  const evaluate = (data: unknown): string => render(parsed, view.evaluate(data), partials.evaluate(data), data);
  return composed(parts, evaluate, readsOf(parsed, view, partials));
}

/** The names in a template are members of the document, unless it has a view of its own. */
function readsOf(template: Template, view: CompiledValue, partials: CompiledValue): Iterable<string> {
  const viewed = view.constant && (view.evaluate(null) ?? null) !== null;
  if (viewed) return [];
  const hasPartials = !partials.constant || (partials.evaluate(null) ?? null) !== null;
  return hasPartials && template.usesPartials ? [EVERYTHING] : template.names;
}

function parse(text: unknown, limits: Limits): Template {
  return failingAs(text, () => new Template(text, limits));
}

function render(template: Template, view: unknown, partials: unknown, data: unknown): string {
  return failingAs(template.text, () => template.render(view ?? data, partials));
}

/** The messages of templates are the reference's as they are, without the text of the template. */
function failingAs<T>(text: unknown, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFunctionError(typeof text === 'string' ? text : '', reason, { cause: error });
  }
}
