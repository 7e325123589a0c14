import { toProblem, type HandoverEvent } from '@handover/contracts';
import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { EngineSchema } from '../database.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import type { RejectedCommand } from './command.intake.js';

/** Tells the tenant of a command that was not carried out, by the outbox. */
export async function announceRejection(db: Kysely<EngineSchema>, rejected: RejectedCommand): Promise<void> {
  const { tenant } = rejected.principal;
  await withTenant(db, tenant, (tx) => appendToOutbox(tx, [rejectionOf(rejected)]));
}

function rejectionOf({ principal, command, messageId, error }: RejectedCommand): HandoverEvent {
  const { code, status, detail, errors, error: said } = toProblem(error);
  const subject = messageId ?? randomUUID();
  return {
    specversion: '1.0',
    id: `${subject}:command.rejected`,
    source: 'handover/engine',
    subject,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    tenantid: principal.tenant,
    type: 'command.rejected',
    data: {
      command,
      ...(messageId !== undefined && { messageId }),
      by: principal.id,
      code,
      status,
      detail,
      ...(errors && { errors }),
      ...(said.reason && { reasons: said.reason }),
    },
  };
}
