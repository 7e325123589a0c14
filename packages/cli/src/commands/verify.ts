import { verify as verified, type Verifiable, type Verification } from '@handover/process';
import type { Command } from '../command.js';
import { EXIT, Failure } from '../terminal.js';
import { jsonIn } from './diagram.js';
import { asked, SERVER_HELP, SERVER_OPTIONS } from './server.js';

export const verify: Command = {
  summary: 'recompute the hash chain of a process',
  usage: '[--head HASH] FILE | [--server URL] [--token TOKEN] --id PROCESS',
  details: [
    'Of an exported process (JSON, as the API answers it), or of one on a server: its events are fetched and verified here, so the',
    'server is not believed.',
    '',
    '  --head HASH     the last hash, noted elsewhere: then nothing can have been cut off or made anew',
    '  --id PROCESS    a process on the server',
    SERVER_HELP,
  ].join('\n'),
  options: { head: { type: 'string' }, id: { type: 'string' }, ...SERVER_OPTIONS },
  files: { min: 0, max: 1 },
  async run(given, terminal) {
    const { files, options } = given;
    const [path] = files;
    if ((path === undefined) === (options.id === undefined))
      throw new Failure('A file or --id is needed, not both', EXIT.usage);
    const document =
      path === undefined
        ? (await asked(given, (api) => api.processes.read({ params: { id: String(options.id) } }))).body
        : await jsonIn(path);
    const outcome = judged(document, typeof options.head === 'string' ? options.head : undefined);
    if (!outcome.valid) {
      const { index = 0, reason = '' } = outcome.firstInvalid ?? {};
      throw new Failure(`event ${index}: ${reason}`);
    }
    terminal.out(`${outcome.events} events, head ${outcome.head ?? ''}`);
    return EXIT.ok;
  },
};

function judged(document: unknown, head: string | undefined): Verification {
  const given = Array.isArray(document) ? { events: document as unknown } : document;
  if (!Array.isArray((given as { events?: unknown } | null)?.events))
    throw new Failure('This is not a process: it has no events');
  const outcome = verified(given as Verifiable);
  if (!outcome.valid || head === undefined || outcome.head === head) return outcome;
  const reason = `The chain ends with ${outcome.head ?? 'nothing'}, not with ${head}`;
  return { ...outcome, valid: false, firstInvalid: { index: outcome.events - 1, reason } };
}
