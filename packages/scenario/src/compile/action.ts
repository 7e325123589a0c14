import type { CompiledValue } from '../functions/index.js';
import type { Action, UpdateInstruction } from '../normalize/index.js';
import { mayFail, type ValueCompiler } from './functions.js';
import type { ScenarioSchemas } from './schemas.js';
import { parseUpdatePath, UpdatePathError, type UpdatePath } from './update-path.js';

export interface CompiledInstruction {
  readonly mode: UpdateInstruction['mode'];
  /** `{set, value, stub, if}`, all evaluated together. */
  readonly content: CompiledValue;
  /** @returns the path an evaluated `set` means; parsed beforehand when it is constant. @throws UpdatePathError */
  path(set: unknown): UpdatePath;
}

export interface CompiledAction {
  readonly condition: CompiledValue;
  /** Actor references; a data function may stand for one or for all. */
  readonly actors: CompiledValue;
  /** Schema of the response. */
  readonly response: CompiledValue;
  /** What a process shows of the action, response included: everything but `if`, `actor` and `update`. */
  readonly content: CompiledValue;
  /** Evaluating the content may fail; the reference does so at every step, though nothing of it is used. */
  readonly contentMayFail: boolean;
  /** The default of the response schema as written (process-semantics §3 step 3), for when no response is given. */
  readonly defaultResponse: unknown;
  readonly update: readonly CompiledInstruction[];
}

export function compileAction(definition: Action, values: ValueCompiler, schemas: ScenarioSchemas): CompiledAction {
  const { update, if: condition, actor, ...shown } = definition;
  const content = values.compile(shown);
  const response = schemas.declare(definition.response);
  return {
    condition: values.compile(condition),
    actors: values.compile(actor),
    response: values.compile(definition.response),
    content,
    contentMayFail: mayFail(shown, content),
    get defaultResponse() {
      return response.defaultValue;
    },
    update: update.map((instruction) => compileInstruction(instruction, values)),
  };
}

function compileInstruction(instruction: UpdateInstruction, values: ValueCompiler): CompiledInstruction {
  const { mode, ...content } = instruction;
  const constant = knownPath(content.set);
  return {
    mode,
    content: values.compile(content),
    path: (set) => (set === content.set && constant ? constant : parseUpdatePath(set)),
  };
}

/** A path that is not allowed fails where the reference fails: when the instruction is carried out. */
function knownPath(set: unknown): UpdatePath | undefined {
  try {
    return typeof set === 'string' ? parseUpdatePath(set) : undefined;
  } catch (error) {
    if (error instanceof UpdatePathError) return undefined;
    throw error;
  }
}

/** @returns whether an instruction may set `previous`: its path says so, or only an expression knows. */
export function maySetPrevious({ set }: UpdateInstruction): boolean {
  if (typeof set === 'string') return set === 'previous';
  const template = '<tpl>' in set ? set['<tpl>'] : undefined;
  return typeof template !== 'string' || !/^(?:vars|actors|result|current)\./.test(template);
}
