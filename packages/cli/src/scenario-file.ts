import {
  DocumentSyntaxError,
  LimitExceeded,
  UnsafeKeyError,
  parseJson,
  parseYaml,
  type Finding,
} from '@handover/scenario';
import { readFile } from 'node:fs/promises';
import { LineCounter, isNode, parseDocument } from 'yaml';
import { Failure } from './terminal.js';

/** A scenario as it is on disk. */
export interface ScenarioFile {
  readonly path: string;
  readonly text: string;
  readonly format: 'json' | 'yaml';
  readonly value: unknown;
  /** `file:line: message` of tags that were dropped. */
  readonly warnings: readonly string[];
}

/** @throws Failure naming file and line when there is no such file, or it is not YAML or JSON */
export async function readScenario(path: string): Promise<ScenarioFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new Failure(`${path}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`}`);
  });
  const format = path.endsWith('.json') ? 'json' : 'yaml';
  try {
    if (format === 'json') return { path, text, format, value: parseJson(text), warnings: [] };
    const { value, warnings } = parseYaml(text);
    return { path, text, format, value, warnings: warnings.map(({ line, message }) => `${path}:${line}: ${message}`) };
  } catch (error) {
    if (error instanceof DocumentSyntaxError)
      throw new Failure(`${path}:${error.line}:${error.column}: ${error.message}`);
    if (error instanceof UnsafeKeyError || error instanceof LimitExceeded)
      throw new Failure(`${path}: ${error.message}`);
    throw error;
  }
}

/** @returns findings as `file:line: /place message`, in the order of the file */
export function located({ path, text }: ScenarioFile, findings: readonly Finding[]): string[] {
  const lineOf = lineFinder(text);
  return findings
    .map(({ instancePath, message }) => ({ line: lineOf(instancePath), words: `${instancePath || '/'} ${message}` }))
    .sort((one, other) => one.line - other.line)
    .map(({ line, words }) => `${path}:${line}: ${words}`);
}

/** Finds the line of a JSON Pointer, or of the nearest thing above it that is in the file. JSON is YAML too. */
function lineFinder(text: string): (pointer: string) => number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false });
  return (pointer) => {
    const keys = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    for (let length = keys.length; length > 0; length -= 1) {
      const node = document.getIn(keys.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
}
