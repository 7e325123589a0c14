import { commandOperations as operations, getCommand, postCommand, type PostedCommand } from '@handover/contracts';
import { implement, type HandlerRequest, type Implementation } from '../http/operation.js';

/** `/commands`: what became of commands that were accepted to be carried out later. */
export const commands: readonly Implementation[] = [
  implement(operations.read, async ({ params, ask }) => ({ status: 200, body: await ask(getCommand, params) })),
];

/**
 * Leaves a command to the engine to be carried out later, and answers as RFC 7240 says.
 * @param body of the engine's request the command stands for
 */
export async function accepted(
  ask: HandlerRequest<typeof operations.read>['ask'],
  command: PostedCommand,
  body: Readonly<Record<string, unknown>>,
) {
  const noted = await ask(postCommand, { command, body });
  return {
    status: 202,
    body: noted,
    headers: { Location: `/commands/${noted.id}`, 'Preference-Applied': 'respond-async' },
  } as const;
}
