import { checkScenario, validateScenario, type Finding } from '@handover/scenario';
import type { Command } from '../command.js';
import { located, readScenario, type ScenarioFile } from '../scenario-file.js';
import { EXIT, Failure, red, yellow, type Terminal } from '../terminal.js';

interface Verdict {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const FILES = { min: 1, max: Infinity };

export const validate: Command = {
  summary: 'whether files are scenarios',
  usage: 'FILE…',
  details:
    'Checks the form of each file and the references in it, as LetsFlow does. Nothing is written when all is well.',
  options: {},
  files: FILES,
  run: ({ files }, terminal) => judge(files, terminal, ({ value }) => ({ ...validateScenario(value), warnings: [] })),
};

export const check: Command = {
  summary: 'whether scenarios can be stored and run',
  usage: '[--strict] FILE…',
  details: [
    'Beside what validate finds: expressions and templates that do not parse, updates of what must not be updated, schemas that cannot be',
    'compiled, automatic transitions that go round in a ring. Warnings say what has no effect or is probably not meant.',
    '',
    '  --strict   warnings count as errors',
  ].join('\n'),
  options: { strict: { type: 'boolean' } },
  files: FILES,
  run: ({ files, options }, terminal) =>
    judge(files, terminal, ({ value }) => checkScenario(value), options.strict === true),
};

async function judge(
  files: readonly string[],
  terminal: Terminal,
  verdictOn: (file: ScenarioFile) => Verdict,
  isStrict = false,
): Promise<number> {
  let faults = 0;
  for (const path of files) {
    try {
      const file = await readScenario(path);
      const { errors, warnings } = verdictOn(file);
      for (const line of located(file, errors)) terminal.err(`${red('error')} ${line}`);
      const doubtful = [...file.warnings, ...located(file, warnings)];
      for (const line of doubtful) terminal.err(`${yellow('warning')} ${line}`);
      faults += errors.length + (isStrict ? doubtful.length : 0);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      terminal.err(`${red('error')} ${error.message}`);
      faults += 1;
    }
  }
  return faults === 0 ? EXIT.ok : EXIT.failed;
}

/** A file that can be normalised. @throws Failure with all that is wrong */
export async function soundScenario(path: string): Promise<ScenarioFile> {
  const file = await readScenario(path);
  const { errors } = validateScenario(file.value);
  if (errors.length > 0) throw new Failure(located(file, errors).join('\n'));
  return file;
}
