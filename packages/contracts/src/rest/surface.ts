import { problemSchema, type Problem } from '../errors.js';
import type { z } from 'zod';

/**
 * One REST API among those the platform speaks: a group of operations that share a dialect of failure. It is a tag of the
 * OpenAPI document.
 */
export interface Surface<Failure extends z.ZodType = z.ZodType> {
  /** Unique; the operation ids of the surface stand beside those of the others. */
  readonly name: string;
  readonly description: string;
  readonly failure: FailureDialect<Failure>;
}

/** How a surface says that something went wrong. */
export interface FailureDialect<Failure extends z.ZodType = z.ZodType> {
  readonly media: string;
  readonly schema: Failure;
  /** Pure: the body of a failure. The answer's status is the problem's, unless {@link status} says another. */
  render(problem: Problem): z.output<Failure>;
  status?(problem: Problem): number;
}

/** RFC 9457 with a stable code, and beside it the members of the LetsFlow API. */
export const problemDialect: FailureDialect<typeof problemSchema> = {
  media: 'application/problem+json',
  schema: problemSchema,
  render: (problem) => problem,
};

/** Keeps the literal types of a surface while checking its form. */
export function defineSurface<Failure extends z.ZodType>(surface: Surface<Failure>): Surface<Failure> {
  return surface;
}
