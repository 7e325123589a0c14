import type { z } from 'zod';
import { loadConfig, orExit } from './config.js';

/** One variable of a service, as its schema says it. */
export interface ConfigVariable {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** As it would be written into the environment; absent when there is none. */
  readonly default?: string;
  /** Its value is never shown. */
  readonly secret: boolean;
}

/** The variables of a configuration, in the order of its schema. */
export function configVariables(schema: z.ZodObject): ConfigVariable[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description = '', secret = false } = (field as z.ZodType).meta() ?? {};
    const standard = defaultOf(field as z.ZodType);
    return {
      name,
      description,
      required: !(field as z.ZodType).safeParse(undefined).success,
      secret: secret === true,
      ...(standard !== undefined && { default: standard }),
    };
  });
}

/** The variables as a Markdown table, for a README: what a reader looks up is what the service was started with. */
export function configTable(variables: readonly ConfigVariable[]): string {
  const rows = variables.map(({ name, default: standard, required, description }) => {
    const shown = standard === undefined ? (required ? '**required**' : '') : `\`${standard.replaceAll('|', '\\|')}\``;
    return `| \`${name}\` | ${shown} | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The variables as text for a terminal. */
export function configHelp(variables: readonly ConfigVariable[]): string {
  return variables
    .map(({ name, description, required, default: standard }) => {
      const note = standard === undefined ? (required ? ' (required)' : '') : ` (default: ${standard})`;
      return `  ${name}${note}\n      ${description}`;
    })
    .join('\n');
}

/**
 * What a service would run with, one `NAME=value` a line, and where each value comes from. Secrets are shown as `[secret]`.
 * @throws ConfigError naming every variable that is missing or wrong
 */
export function effectiveConfig(schema: z.ZodObject, environment: NodeJS.ProcessEnv): string {
  loadConfig(schema, environment);
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  return configVariables(schema)
    .map(({ name, secret, default: standard }) => {
      const given = present[name];
      const file = given === undefined ? present[`${name}_FILE`] : undefined;
      const source = given !== undefined ? 'environment' : file !== undefined ? `file ${file}` : 'default';
      const value = given ?? (file === undefined ? (standard ?? '') : '[from file]');
      const isHidden = secret && source !== 'default';
      return `${name}=${isHidden ? '[secret]' : value}  # ${source === 'default' && value === '' ? 'not set' : source}`;
    })
    .join('\n');
}

/**
 * Answers `--print-config` and `--help` and ends the process; without an argument it does nothing. A program is configured
 * by its environment alone.
 */
export function obeyArguments(program: string, schema: z.ZodObject, given: readonly string[]): void {
  const [first] = given;
  if (first === undefined) return;
  if (first === '--print-config') {
    process.stdout.write(`${orExit(() => effectiveConfig(schema, process.env))}\n`);
    process.exit(0);
  }
  const isHelp = first === '--help' || first === '-h';
  const usage = `Handover, ${program}. Options: --print-config, --help.
Variables (NAME_FILE names a file that holds the value of NAME):
${configHelp(configVariables(schema))}\n`;
  if (isHelp) process.stdout.write(usage);
  else process.stderr.write(`unknown option '${first}'\n${usage}`);
  // 64 is EX_USAGE.
  process.exit(isHelp ? 0 : 64);
}

function defaultOf(field: z.ZodType): string | undefined {
  const { def } = field as z.ZodDefault;
  if (def.type !== ('default' as string) && def.type !== ('prefault' as string)) return undefined;
  return typeof def.defaultValue === 'string' ? def.defaultValue : JSON.stringify(def.defaultValue);
}
