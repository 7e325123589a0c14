import { describe, expect, it } from 'vitest';
import { readLogLine } from './log-line.js';

describe('a line that a service wrote', () => {
  it.each([
    ['{"level":"info","msg":"ready"}', 'info: ready', false],
    ['{"level":"warn","msg":"slow"}', 'warn: slow', true],
    ['{"level":"error","msg":"lost","err":{"message":"ECONNRESET","stack":"…"}}', 'error: lost (ECONNRESET)', true],
    ['{"level":"fatal"}', 'fatal: ', true],
  ])('%s stays as it is and is read', (text, summary, severe) => {
    expect(readLogLine(text, 'engine', 'stdout')).toEqual({ json: text, summary, severe });
  });

  it.each([
    ['stderr', 'Error: boom', 'error', true],
    ['stderr', '', 'error', false],
    ['stdout', 'plain words', 'info', false],
    ['stdout', '{"not":"a log line"}', 'info', false],
  ] as const)('that is no log line (%s: %j) is wrapped into one', (source, text, level, severe) => {
    const line = readLogLine(text, 'engine', source);
    expect(line).toMatchObject({ summary: text, severe });
    expect(JSON.parse(line.json)).toMatchObject({ level, service: 'engine', source, msg: text });
  });
});
