import type { AnswerOf, BodyOf, Principal, listEvents, verifyProcess } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { toDocument, verify } from '@handover/process';
import { findEventPage } from './process.repository.js';
import { readable, type ReadPorts } from './read-process.js';

/**
 * A page of a process's events, oldest first, for one who may see the process.
 * @throws HandoverError `process_not_found`, `forbidden`
 */
export async function readEvents(
  ports: ReadPorts,
  { process, from = 0, limit = 100 }: BodyOf<typeof listEvents>,
  principal: Principal,
): Promise<AnswerOf<typeof listEvents>> {
  const { id, head, history, isRunning } = await readable(ports, process, principal, false);
  // An archived process has its history with it, and nowhere else.
  const archived = history?.events.toArray().slice(from, from + limit);
  const events = archived ?? (await withTenant(ports.db, principal.tenant, (tx) => findEventPage(tx, id, from, limit)));
  return { events: events.map((event) => ({ ...event })), total: head.count, running: isRunning };
}

/**
 * Whether what is stored of a process is what happened: every hash recomputed, every link held against the one before, and
 * the last one against the version the engine works with.
 * @throws HandoverError `process_not_found`, `forbidden`
 */
export async function readVerification(
  ports: ReadPorts,
  { process: id }: BodyOf<typeof verifyProcess>,
  principal: Principal,
): Promise<AnswerOf<typeof verifyProcess>> {
  const process = await readable(ports, id, principal, true);
  const { head, ...verification } = verify(toDocument(process));
  const result = { ...verification, head: head ?? '' };
  if (!verification.valid || head === process.head.hash) return result;
  const firstInvalid = { index: verification.events, reason: 'The events do not lead to the process as it is' };
  return { ...result, valid: false, firstInvalid };
}
