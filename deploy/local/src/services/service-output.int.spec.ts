import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { eventually } from '@handover/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.js';
import { ServiceOutput } from './service-output.js';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'handover-logs-'));
  path = join(directory, 'logs', 'engine.log');
});
afterEach(() => rm(directory, { recursive: true }));

const read = (file = path) => readFile(file, 'utf8');

describe('a log file', () => {
  it('is begun anew with each start; the one before is kept', async () => {
    for (const line of ['first', 'second', 'third']) {
      const file = new LogFile(path);
      file.write(line);
      file.close();
    }
    expect([await read(), await read(`${path}.1`)]).toEqual(['third\n', 'second\n']);
  });

  it('never grows far beyond its limit', async () => {
    const file = new LogFile(path, 100);
    for (let line = 0; line < 1_000; line++) file.write(`line ${line}`);
    file.close();
    const [current, former] = [await read(), await read(`${path}.1`)];
    expect(current.length + former.length).toBeLessThan(250);
    expect(current).toMatch(/line 999\n$/);
  });
});

describe('the output of a service', () => {
  const write = async (lines: string[], shown: string[], showAll?: (text: string) => void) => {
    const output = new ServiceOutput('engine', new LogFile(path), (text) => shown.push(text), showAll);
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    output.follow(stdout, stderr);
    stdout.end(lines.map((line) => `${line}\n`).join(''));
    stderr.end();
    await eventually(async () => {
      expect((await read()).trim().split('\n')).toHaveLength(lines.length);
    });
    output.close();
  };
  const warning = JSON.stringify({ level: 'warn', msg: 'again' });

  it('goes to the file as a whole and to the terminal within bounds', async () => {
    const shown: string[] = [];
    await write(Array<string>(500).fill(warning), shown);
    expect(shown).toEqual([...Array<string>(5).fill('engine warn: again'), `engine: more in ${path}`]);
  });

  it('is shown as a whole on request', async () => {
    const [shown, all]: [string[], string[]] = [[], []];
    await write([warning, '{"level":"info","msg":"hello"}'], shown, (text) => all.push(text));
    expect(all).toEqual([warning, '{"level":"info","msg":"hello"}']);
    expect(shown).toEqual([]);
  });
});
