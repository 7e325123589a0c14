import { HandoverError, holds, problemSchema, type CommandStatus, type Principal } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import { findCommand, type CommandRow } from './posted-command.repository.js';

/** Whose a command is: a key's, or a user's. A key bound to a user is not that user. */
export const ownerOf = ({ id, key }: Principal): string => (key ? `key ${key.id}` : `user ${id}`);

/**
 * How far a command has got. It exists for its sender, and for those who may do anything with processes.
 * @throws HandoverError `command_not_found`
 */
export async function readStatus(db: Kysely<EngineSchema>, principal: Principal, id: string): Promise<CommandStatus> {
  const row = isUuid(id) ? await withTenant(db, principal.tenant, (tx) => findCommand(tx, id)) : undefined;
  const seesAll = holds(principal, 'process:super') && !principal.key?.processes;
  if (!row || !(seesAll || row.owner === ownerOf(principal))) {
    throw new HandoverError('command_not_found', 'Command not found');
  }
  return statusOf(row);
}

export function statusOf({ id, type, outcome, created_at, finished_at }: CommandRow): CommandStatus {
  const facts = { id, type, createdAt: created_at };
  if (!outcome || finished_at === null) return { ...facts, status: 'pending' };
  const { status, body } = outcome;
  return status === 'ok'
    ? { ...facts, status: 'done', answer: body as CommandStatus['answer'], finishedAt: finished_at }
    : { ...facts, status: 'rejected', problem: problemSchema.parse(body), finishedAt: finished_at };
}
