import { checkScenario } from '@handover/scenario';
import type { Command } from '../command.js';
import { located, readScenario, type ScenarioFile } from '../scenario-file.js';
import { EXIT, Failure, yellow } from '../terminal.js';
import { asked, SERVER_HELP, SERVER_OPTIONS } from './server.js';

export const deploy: Command = {
  summary: 'store scenarios on a server',
  usage: '[--server URL] [--token TOKEN] FILE…',
  details: `All files are checked before the first is stored. Writes an id and a file per line.\n\n${SERVER_HELP}`,
  options: SERVER_OPTIONS,
  files: { min: 1, max: Infinity },
  async run(given, terminal) {
    const files: ScenarioFile[] = [];
    for (const path of given.files) files.push(await storable(path));
    for (const { path, text, format, value } of files) {
      const stored = await asked(given, (api) =>
        api.scenarios.store({
          body:
            format === 'yaml'
              ? { media: 'application/yaml', value: text }
              : { media: 'application/json', value: value as Record<string, unknown> },
        }),
      );
      terminal.out(`${stored.body.id} ${path}`);
      for (const { pointer, detail } of stored.body.warnings)
        terminal.err(`${yellow('warning')} ${path}: ${pointer} ${detail}`);
    }
    return EXIT.ok;
  },
};

async function storable(path: string): Promise<ScenarioFile> {
  const file = await readScenario(path);
  const { errors } = checkScenario(file.value);
  if (errors.length > 0) throw new Failure(located(file, errors).join('\n'));
  return file;
}
