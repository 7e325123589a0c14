import { z } from 'zod';
import { defineRequest } from '../request.js';

/**
 * Finds what a workflow can be run from: an enabled scenario, by its id, or by its name, of which the one stored last counts.
 * Says what whoever runs it has to know, and no more.
 */
export const findDefinition = defineRequest({
  type: 'definition.find.v1',
  service: 'engine',
  body: z.object({ reference: z.string().min(1).max(200) }),
  answer: z.object({
    id: z.string(),
    name: z.string().optional(),
    title: z.string(),
    /** It runs without a person. */
    unattended: z.boolean(),
    /** JSON schemas of its variables. */
    vars: z.record(z.string(), z.record(z.string(), z.unknown())),
    /** Names of the properties its actor `case` has; absent when it has no such actor. */
    caseProperties: z.array(z.string()).optional(),
  }),
});
