import { describe, expect, it } from 'vitest';
import { createLogger } from './log.js';

function capture(): { lines: Record<string, unknown>[]; write: (line: string) => void } {
  const lines: Record<string, unknown>[] = [];
  return { lines, write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) };
}

describe('logs', () => {
  it('are one JSON object a line, with service, level, time and words', () => {
    const output = capture();
    createLogger('engine', 'info', output).info('ready');
    expect(output.lines).toEqual([
      expect.objectContaining({
        service: 'engine',
        level: 'info',
        msg: 'ready',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
      }),
    ]);
  });

  it('never show a credential', () => {
    const output = capture();
    createLogger('auth', 'info', output).info({ token: 'abc', headers: { authorization: 'Bearer abc' } }, 'exchange');
    expect(JSON.stringify(output.lines)).not.toContain('abc');
  });
});
