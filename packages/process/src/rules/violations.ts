import type { SchemaViolation } from '@handover/scenario';

/** @returns one violation in the reference's words: `data/foo must be number`. */
export const describeViolation = ({ instancePath, message }: SchemaViolation): string =>
  `data${instancePath} ${message}`;

/** @returns several violations in one line. */
export const describeViolations = (violations: readonly SchemaViolation[]): string =>
  violations.map(describeViolation).join(', ');
