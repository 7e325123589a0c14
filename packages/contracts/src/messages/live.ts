import { z } from 'zod';

/**
 * Broadcast by the engine after processes were changed: several at a time, some milliseconds later. A hint to look, no more:
 * it may be lost, and who may see the process is for the look to find out.
 */
export const PROCESS_CHANGES = { channel: 'process.changes', type: 'process.changed.v1' } as const;

export const processChangesSchema = z.object({
  changes: z.array(
    z.object({
      tenant: z.string(),
      process: z.string(),
      /** Number of events it has now. */
      version: z.number().int(),
    }),
  ),
});
export type ProcessChange = z.infer<typeof processChangesSchema>['changes'][number];
