#!/usr/bin/env node
import { parsed, type Command } from './command.js';
import { check, validate } from './commands/check.js';
import { deploy } from './commands/deploy.js';
import { diagram } from './commands/diagram.js';
import { test } from './commands/test.js';
import { verify } from './commands/verify.js';
import { EXIT, Failure, red, terminal } from './terminal.js';

const COMMANDS: Readonly<Record<string, Command>> = { validate, check, test, diagram, deploy, verify };

const HELP = `usage: handover COMMAND …

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

handover COMMAND --help says more of each.
Exit codes: 0 all is well, 1 something is wrong with what was given, 2 the command line is wrong, 3 the server does not answer.`;

async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    terminal[name === undefined ? 'err' : 'out'](HELP);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new Failure(`There is no command '${name}'\n${HELP}`, EXIT.usage);
  if (args.includes('--help')) {
    terminal.out(`usage: handover ${name} ${command.usage}\n\n${command.details}`);
    return EXIT.ok;
  }
  return command.run(parsed(name, command, args), terminal);
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  terminal.err(`${red('error')} ${error.message}`);
  process.exitCode = error.code;
}
