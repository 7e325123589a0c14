import type { ProcessDocument } from '@handover/process';
import { read } from '../src/processes/read-process.js';
import { start } from '../src/processes/start-process.js';
import { performStep } from '../src/processes/step-process.js';
import { user, type Replica } from './engine-in-hand.js';

/** Ann may do everything, and plays the actors of what she starts. */
export const ann = user('ann', { privileges: ['*'] });

/** Sums up what it is told. */
export const COUNTER = `
actors: { actor: ~ }
actions:
  add: { actor: actor, response: integer, update: { set: vars.sum, value: !ref 'vars.sum + current.response' } }
states:
  initial: { on: add, goto: ~ }
vars: { sum: !default 0 }
`;

export const stepOf = (of: Pick<Replica, 'writes'>, process: string, action: string, response?: unknown) =>
  performStep(of.writes, { process, action, response, representation: false }, ann);

/** Starts a process whose `actor` is Ann, and takes its first steps. @returns its id */
export async function startOf(
  of: Replica,
  scenario: string,
  ...steps: [action: string, response?: unknown][]
): Promise<string> {
  const { process } = await start(of, { scenario, actors: { actor: { id: ann.id } } }, ann);
  const id = String(process.id);
  for (const [action, response] of steps) await stepOf(of, id, action, response);
  return id;
}

/** The whole document. @param at as the process was then */
export const wholeOf = async (of: Replica, id: string, at?: string): Promise<ProcessDocument> =>
  (await read(of, { id, at }, ann)).process as unknown as ProcessDocument;
