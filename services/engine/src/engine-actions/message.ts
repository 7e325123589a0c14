import { z } from 'zod';

const document = z.record(z.string(), z.unknown());
const name = z.string().min(1).max(200);

/** What a state asks of the engine: exactly one of these. */
const messageSchema = z.union([
  z.strictObject({
    /** Starts a process of another scenario, or of the same. */
    start: z.strictObject({
      scenario: z.uuid().toLowerCase(),
      actors: z.record(z.string(), document).optional(),
      vars: document.optional(),
      tags: z.array(z.string().min(1).max(300)).max(50).optional(),
    }),
  }),
  z.strictObject({
    /** Performs an action of another process, as `service:engine`. */
    step: z.strictObject({ process: z.uuid().toLowerCase(), action: name, response: z.unknown().optional() }),
  }),
  z.strictObject({
    /** Announces `process.raised` with a name and data of the scenario's own. */
    raise: z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
      data: z.unknown().optional(),
    }),
  }),
]);
export type EngineMessage = z.infer<typeof messageSchema>;

/** @returns what is asked, or why that is nothing the engine can do. */
export function parseMessage(message: unknown): EngineMessage | string {
  const parsed = messageSchema.safeParse(message);
  if (parsed.success) return parsed.data;
  return 'A message to service engine is {start: {scenario, …}}, {step: {process, action, …}} or {raise: {name, …}}';
}
