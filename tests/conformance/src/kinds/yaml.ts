import { DocumentSyntaxError, parseYaml, stringifyYaml } from '@handover/scenario';

import { attempt } from '../attempt.js';
import { diff, type Difference } from '../diff.js';

/** Text to parse, or data to write. The words of an error are the parser's; its code counts where there is one. */
export interface YamlVector {
  readonly yaml?: string;
  readonly expect?: unknown;
  readonly error?: true;
  readonly code?: string;
  readonly data?: unknown;
  readonly expect_yaml?: string;
}

export function runYaml({ yaml, expect, error, code, data, expect_yaml }: YamlVector): Difference[] {
  if (yaml === undefined) return diff('yaml', expect_yaml, stringifyYaml(data));
  const outcome = attempt(() => parseYaml(yaml).value);
  if (!('error' in outcome))
    return error ? diff('parsed', 'an error', outcome.value) : diff('parsed', expect, outcome.value);
  if (!error) return diff('parsed', expect, `Error: ${outcome.error.message}`);
  if (!(outcome.error instanceof DocumentSyntaxError)) return diff('error', 'a syntax error', outcome.error.name);
  return code === undefined ? [] : diff('error/code', code, outcome.error.code);
}
