import { z } from 'zod';

const SEVERE = ['warn', 'error', 'fatal'];

const lineSchema = z.object({
  level: z.string(),
  msg: z.string().default(''),
  err: z.object({ message: z.string().optional() }).optional(),
});

export interface LogLine {
  /** One JSON object, as it goes to the file. */
  readonly json: string;
  /** For the terminal: such as `warn: a database connection was lost (Connection terminated)`. */
  readonly summary: string;
  readonly severe: boolean;
}

/**
 * What a service wrote. Its logger writes JSON; anything else, such as the trace of a crash, is wrapped.
 * @param source where it was written: loose words on standard error are errors, elsewhere they are none
 */
export function readLogLine(text: string, service: string, source: 'stdout' | 'stderr'): LogLine {
  const parsed = lineSchema.safeParse(parseJson(text));
  if (parsed.success) {
    const { level, msg, err } = parsed.data;
    const reason = err?.message === undefined ? '' : ` (${err.message})`;
    return { json: text, summary: `${level}: ${msg}${reason}`, severe: SEVERE.includes(level) };
  }
  const level = source === 'stderr' ? 'error' : 'info';
  const json = JSON.stringify({ level, time: new Date().toISOString(), service, source, msg: text });
  return { json, summary: text, severe: source === 'stderr' && text.trim() !== '' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
