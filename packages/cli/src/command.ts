import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT, Failure, type Terminal } from './terminal.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What a command is given on the command line. */
export interface Given {
  readonly files: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

export interface Command {
  readonly summary: string;
  /** What stands behind `handover <name>`. */
  readonly usage: string;
  readonly details: string;
  readonly options: Options;
  /** How many files it takes. */
  readonly files: { readonly min: number; readonly max: number };
  /** @returns the exit code */
  run(given: Given, terminal: Terminal): Promise<number>;
}

/** @throws Failure with the usage when the command line is not the command's */
export function parsed(name: string, { options, files, usage }: Command, args: readonly string[]): Given {
  const hint = `usage: handover ${name} ${usage}\nhandover ${name} --help says more`;
  let given: { values: object; positionals: string[] };
  try {
    given = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new Failure(`${(error as Error).message}\n${hint}`, EXIT.usage);
  }
  const { values, positionals } = given;
  if (positionals.length < files.min || positionals.length > files.max) throw new Failure(hint, EXIT.usage);
  return { files: positionals, options: { ...values } };
}

/** The value of an option that was given, else of an environment variable. @throws Failure when there is neither */
export function required({ options }: Given, option: string, variable: string): string {
  const value = options[option] ?? process.env[variable];
  if (typeof value === 'string' && value !== '') return value;
  throw new Failure(`--${option} or ${variable} is needed`, EXIT.usage);
}
