import { ConnectionError, createClient, ProblemError, type Client } from '@handover/client';
import { required, type Given } from '../command.js';
import { EXIT, Failure } from '../terminal.js';

export const SERVER_OPTIONS = { server: { type: 'string' }, token: { type: 'string' } } as const;
export const SERVER_HELP = [
  '  --server URL    the platform; default HANDOVER_URL',
  '  --token TOKEN   bearer token; default HANDOVER_TOKEN, which other users of the machine cannot see',
].join('\n');

/** Asks the server that the command line names. @throws Failure with what it refused, or code 3 when it does not answer */
export async function asked<T>(given: Given, question: (api: Client) => Promise<T>): Promise<T> {
  const api = createClient({
    url: required(given, 'server', 'HANDOVER_URL'),
    token: required(given, 'token', 'HANDOVER_TOKEN'),
  });
  try {
    return await question(api);
  } catch (error) {
    if (error instanceof ConnectionError) throw new Failure(error.message, EXIT.unreachable);
    if (!(error instanceof ProblemError)) throw error;
    const fields = error.errors.map(({ pointer, detail }) => `\n  ${pointer || '/'} ${detail}`);
    throw new Failure(`${error.code}: ${error.message}${fields.join('')}`);
  }
}
