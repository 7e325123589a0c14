import type { MessageHeaders } from '@handover/bus';
import {
  COMMANDS,
  HandoverError,
  type BodyOf,
  type CommandContract,
  type CommandStatus,
  type PostedCommand,
  type Principal,
  type postCommand,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';
import { fingerprintOf } from '../idempotency/fingerprint.js';
import { findCommandByKey, insertCommand } from './posted-command.repository.js';
import { ownerOf, statusOf } from './read-command-status.js';

const CONTRACTS = new Map(COMMANDS.map((contract) => [contract.name, contract]));

/** The command a name stands for. */
export function contractOf(name: PostedCommand): CommandContract {
  const contract = CONTRACTS.get(name);
  if (!contract) throw new Error(`no command is called '${name}'`);
  return contract;
}

/**
 * Notes a command to be carried out later in the name of its sender. Once this resolves it is on disk.
 * @returns how far it has got; of the command that was noted before when the idempotency key says so
 * @throws HandoverError `idempotency_mismatch` when the key belongs to another command
 */
export async function post(
  db: Kysely<EngineSchema>,
  { command, body }: BodyOf<typeof postCommand>,
  principal: Principal,
  { idempotencyKey: key, requestId, traceparent }: MessageHeaders,
): Promise<CommandStatus> {
  const { request } = contractOf(command);
  const fingerprint = fingerprintOf(request.type, principal.id, body ?? {});
  const noted = {
    ...{
      id: randomUUID(),
      type: command,
      subject: subjectOf(body),
      owner: ownerOf(principal),
      principal,
      body: body ?? {},
    },
    ...{ key, fingerprint, requestId, traceparent },
  };
  return withTenant(db, principal.tenant, async (tx) => {
    const row =
      (await insertCommand(tx, principal.tenant, noted)) ??
      (key === undefined ? undefined : await findCommandByKey(tx, key));
    if (!row) throw new HandoverError('idempotency_in_flight', 'The same command is being accepted', { retryAfter: 1 });
    if (row.fingerprint !== fingerprint) {
      throw new HandoverError('idempotency_mismatch', 'The idempotency key was used for another command');
    }
    return statusOf(row);
  });
}

/** Commands of one process are carried out in the order they were accepted. */
function subjectOf(body: unknown): string | undefined {
  const { process } = (body ?? {}) as { process?: unknown };
  return typeof process === 'string' ? process.slice(0, 100).toLowerCase() : undefined;
}
