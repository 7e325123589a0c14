import type { FieldError, StepDefinition } from '@handover/contracts';
import { createSchemaCompiler, emptyRegistry } from '@handover/scenario';
import { valueSchema } from './definition.js';
import { pngFault } from './png.js';

const schemas = createSchemaCompiler(emptyRegistry);

/** Everything that is wrong with what was sent for the steps of a definition, by key. */
export function stepDataFaults(
  steps: readonly StepDefinition[],
  stepData: Readonly<Record<string, unknown>>,
): FieldError[] {
  return Object.entries(stepData).flatMap(([key, value]) => {
    const step = steps.find((candidate) => candidate.key === key);
    const faults = step ? valueFaults(step, value) : ['is no step of this process'];
    return faults.map((detail) => ({ pointer: `/step_data/${key}`, detail, in: 'body' as const }));
  });
}

function valueFaults(step: StepDefinition, value: unknown): string[] {
  const schema = valueSchema(step);
  if (!schema) return ['takes no value'];
  const violations = schemas.compile(schema).validate(value);
  if (violations.length > 0) return violations.map(({ instancePath, message }) => `${instancePath} ${message}`.trim());
  return [furtherFault(step, value)].filter((fault) => fault !== undefined);
}

/** What a schema cannot tell. */
function furtherFault(step: StepDefinition, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (step.type === 'signature') return pngFault(value);
  if (step.type !== 'date') return undefined;
  if (step.min !== undefined && value < step.min) return `must not be before ${step.min}`;
  return step.max !== undefined && value > step.max ? `must not be after ${step.max}` : undefined;
}
