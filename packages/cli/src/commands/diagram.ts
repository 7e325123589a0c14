import { diagram as draw, DiagramTooLarge, type Progress } from '@handover/diagram';
import { normalizeScenario, type NormalizedScenario } from '@handover/scenario';
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from '../command.js';
import { EXIT, Failure } from '../terminal.js';
import { soundScenario } from './check.js';

export const diagram: Command = {
  summary: 'draw a scenario as SVG',
  usage: '[--process FILE] [--output FILE] FILE',
  details: [
    '  --process FILE   a process as the API answers it (JSON): where it is and the way it took are marked',
    '  --output FILE    where the picture goes; default the standard output',
  ].join('\n'),
  options: { process: { type: 'string' }, output: { type: 'string' } },
  files: { min: 1, max: 1 },
  async run({ files: [path = ''], options }, terminal) {
    const { value } = await soundScenario(path);
    const scenario: NormalizedScenario = normalizeScenario(value);
    const svg = drawn(scenario, typeof options.process === 'string' ? await progressIn(options.process) : undefined);
    if (typeof options.output === 'string') await writeFile(options.output, svg);
    else terminal.out(svg.trimEnd());
    return EXIT.ok;
  },
};

function drawn(scenario: NormalizedScenario, progress: Progress | undefined): string {
  try {
    return draw(scenario, progress);
  } catch (error) {
    if (error instanceof DiagramTooLarge) throw new Failure(error.message);
    throw error;
  }
}

async function progressIn(path: string): Promise<Progress> {
  const document = await jsonIn(path);
  const { current, events } = document as { current?: { key?: unknown }; events?: unknown };
  if (typeof current?.key !== 'string' || !Array.isArray(events)) throw new Failure(`${path}: this is not a process`);
  return { current: current.key, events: events as NonNullable<Progress['events']> };
}

/** @throws Failure naming the file */
export async function jsonIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Failure(`${path}: ${(error as Error).message}`);
  }
}
