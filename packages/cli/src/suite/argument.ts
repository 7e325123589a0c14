import type { PickleStepArgument } from '@cucumber/messages';
import { DocumentSyntaxError, parseYaml } from '@handover/scenario';
import { Mismatch } from './mismatch.js';

/** What stands below a step (test-suite §1): YAML with the language's tags, or a table of one or two columns. */
export function argumentOf({ docString, dataTable }: PickleStepArgument): unknown {
  if (docString) return parsed(docString.content);
  const rows = (dataTable?.rows ?? []).map(({ cells }) => cells.map(({ value }) => value));
  const [columns = 0] = rows.map((row) => row.length);
  if (columns === 1) return rows.flat();
  if (columns === 2) return Object.fromEntries(rows as [string, string][]);
  throw new Mismatch(`a table has one column or two, not ${columns}`);
}

function parsed(text: string): unknown {
  try {
    return parseYaml(text).value;
  } catch (error) {
    if (error instanceof DocumentSyntaxError) return text;
    throw error;
  }
}
