import { HandoverError, type AnswerOf, type FieldError, type findDefinition } from '@handover/contracts';
import { createSchemaCompiler, emptyRegistry } from '@handover/scenario';

/** What is known of a scenario that is run as a workflow. */
export type WorkflowDefinition = AnswerOf<typeof findDefinition>;

const schemas = createSchemaCompiler(emptyRegistry);

/** @throws HandoverError `invalid_request` naming every key that is no variable of the definition or does not satisfy it */
export function requireParameters({ vars }: WorkflowDefinition, parameters: Readonly<Record<string, unknown>>): void {
  const errors = Object.entries(parameters).flatMap(([key, value]): FieldError[] => {
    const fault = (detail: string): FieldError => ({ pointer: `/parameters/${escaped(key)}`, detail, in: 'body' });
    const schema = Object.hasOwn(vars, key) ? vars[key] : undefined;
    if (!schema) return [fault('is no parameter of the workflow')];
    const violations = schemas.compile(schema).validate(value);
    return violations.map(({ instancePath, message }) => fault(`${instancePath} ${message}`.trim()));
  });
  if (errors.length === 0) return;
  const [first] = errors;
  const words = `The parameters are not valid: ${first?.pointer.slice('/parameters/'.length)} ${first?.detail}`;
  throw new HandoverError('invalid_request', words, { errors });
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
