import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '../command.js';
import { readFeature } from '../suite/feature.js';
import { play } from '../suite/run.js';
import { scenariosIn } from '../suite/scenarios.js';
import { EXIT, Failure, yellow } from '../terminal.js';

export const test: Command = {
  summary: 'play scenarios by tests that are written in sentences',
  usage: '[--scenarios FOLDER] [--schemas FOLDER] [--name TEXT] [FILE…]',
  details: [
    'Plays features (Gherkin) on the rules alone: no server, no waiting. Each of their scenarios creates processes and lets',
    'people, services and time act; what is expected then must hold. FILE is a feature or a folder of them; default features.',
    '',
    '  Given the process is created from the "quote" scenario',
    '  And "Claire" is the "customer" actor',
    '  When "Claire" does "request" with:',
    '    | company | Acme |',
    '  Then the process is in "requested"',
    '',
    '  --scenarios FOLDER   where scenarios are found by name; default LETSFLOW_SCENARIO_PATH, else ./scenarios',
    '  --schemas FOLDER     where schema:NAME is found; default ./schemas',
    '  --name TEXT          only scenarios whose name contains it',
  ].join('\n'),
  options: { scenarios: { type: 'string' }, schemas: { type: 'string' }, name: { type: 'string' } },
  files: { min: 0, max: Infinity },
  async run({ files, options }, terminal) {
    const {
      scenarios = process.env.LETSFLOW_SCENARIO_PATH ?? './scenarios',
      schemas = './schemas',
      name = '',
    } = options;
    const warn = (text: string): void => terminal.err(`${yellow('warning')} ${text}`);
    const find = scenariosIn(String(scenarios), String(schemas), warn);
    let [passed, failed] = [0, 0];
    for (const path of await featuresAt(files.length > 0 ? files : ['features'])) {
      const cases = (await readFeature(path)).filter((one) => one.name.includes(String(name)));
      if (cases.length > 0) terminal.out(path);
      for (const one of cases) {
        const failure = await play(one, find);
        terminal.out(`  ${failure ? '✗' : '✓'} ${one.name}`);
        if (failure) {
          const { step, reason } = failure;
          terminal.out(
            `    ${path}:${step.line}: ${step.keyword}${step.text}\n      ${reason.replaceAll('\n', '\n      ')}`,
          );
        }
        if (failure) failed += 1;
        else passed += 1;
      }
    }
    if (passed + failed === 0) throw new Failure('There is nothing to play');
    terminal.out(`${passed} passed, ${failed} failed`);
    return failed === 0 ? EXIT.ok : EXIT.failed;
  },
};

/** Features, and those in folders, in the order of their names. @throws Failure when there is no such file */
async function featuresAt(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const { isDirectory } = await stat(path).then(
        (entry) => ({ isDirectory: entry.isDirectory() }),
        () => {
          throw new Failure(`${path}: there is no such file`);
        },
      );
      if (!isDirectory) return [path];
      const names = await readdir(path, { recursive: true });
      return names
        .filter((entry) => entry.endsWith('.feature'))
        .sort()
        .map((entry) => join(path, entry));
    }),
  );
  return found.flat();
}
