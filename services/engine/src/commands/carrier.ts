import { HandoverError, toProblem, type Principal } from '@handover/contracts';
import type { Dispatch, Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineSchema, StoredOutcome } from '../database.js';
import { startRounds, type Rounds } from '../rounds.js';
import { replyTo } from './answer-command.js';
import { MOST_ATTEMPTS, backoffMs, passes } from './passing-failure.js';
import { contractOf } from './post-command.js';
import { claimCommands, finishCommand, postponeCommand, type CommandRow } from './posted-command.repository.js';

export interface CarrierPorts {
  readonly db: Kysely<EngineSchema>;
  readonly log: Logger;
  /** The engine's own routes, asked by a principal that was verified before. */
  readonly dispatchAs: (principal: Principal) => Dispatch;
  /** Whether an API key was revoked since it sent the command. */
  readonly isRevoked: (tenant: string, key: string) => Promise<boolean>;
  /** Most commands in hand at a time. */
  readonly concurrency: number;
  /** How often to look for commands that nobody announced, in milliseconds. */
  readonly pollMs: number;
}

const LEASE_MS = 30_000;
/** About three seconds in all. */
const NOTE_RETRIES = 5;

/**
 * Carries out the commands that were accepted for later, each by the request it stands for. One that a dead replica had in
 * hand is tried again when its claim runs out; by its idempotency key, or else its id, it is carried out once all the same.
 */
export function startCarrier(ports: CarrierPorts): Rounds {
  const inHand = new Set<Promise<void>>();
  const stopping = new AbortController();

  const round = async (): Promise<boolean> => {
    const free = ports.concurrency - inHand.size;
    const claimed = free > 0 ? await claimCommands(ports.db, free, LEASE_MS) : [];
    for (const row of claimed) {
      const work = carry(ports, row, stopping.signal).finally(() => {
        inHand.delete(work);
        // The next of its subject may be carried out now.
        rounds.wake();
      });
      inHand.add(work);
    }
    return false;
  };

  const rounds = startRounds('posted commands', round, ports.pollMs, ports.log);
  return {
    wake: () => rounds.wake(),
    async stop() {
      await rounds.stop();
      await Promise.all(inHand);
      stopping.abort();
    },
  };
}

/** Never throws: what cannot be noted now is found again when the claim runs out. */
async function carry(ports: CarrierPorts, row: CommandRow, signal: AbortSignal): Promise<void> {
  const { db } = ports;
  const log = ports.log.child({ tenant: row.tenant, commandId: row.id, ...requestIdOf(row) });
  try {
    const outcome = await outcomeOf({ ...ports, log }, row, signal);
    await persist(() =>
      outcome === 'later' ? postponeCommand(db, row, backoffMs(row.attempts)) : finishCommand(db, row, outcome),
    );
  } catch (error) {
    log.warn({ err: error, command: row.type }, 'what became of a command could not be noted; it is tried again');
  }
}

/** The database may be back in a moment; what cannot be noted now waits for the end of the claim, half a minute. */
async function persist(note: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return void (await note());
    } catch (error) {
      if (!passes(error) || attempt > NOTE_RETRIES) throw error;
      await delay(backoffMs(attempt));
    }
  }
}

async function outcomeOf(ports: CarrierPorts, row: CommandRow, signal: AbortSignal): Promise<StoredOutcome | 'later'> {
  const { log } = ports;
  try {
    return { status: 'ok', body: await carryOut(ports, row, signal) };
  } catch (error) {
    const { type: command, attempts } = row;
    if (passes(error) && attempts < MOST_ATTEMPTS) {
      log.warn({ err: error, command, attempts }, 'a command is tried again');
      return 'later';
    }
    const isKnown = error instanceof HandoverError && error.code !== 'internal';
    if (isKnown) log.info({ command, code: error.code, detail: error.message }, 'command rejected');
    else log.error({ err: error, command }, 'command failed');
    return { status: 'problem', body: toProblem(error, row.request_id ?? undefined) };
  }
}

/** @returns what REST would have answered */
async function carryOut({ dispatchAs, isRevoked }: CarrierPorts, row: CommandRow, signal: AbortSignal) {
  const { id, type, principal, body, attempts: attempt } = row;
  // Claims that nobody lived to give back count as attempts, so that a command cannot bring down one replica after the other.
  if (attempt > MOST_ATTEMPTS) throw new HandoverError('internal', 'The command was tried too often');
  if (principal.key && (await isRevoked(row.tenant, principal.key.id))) {
    throw new HandoverError('unauthenticated', 'The API key was revoked before the command was carried out');
  }
  const contract = contractOf(type);
  const headers = {
    ...requestIdOf(row),
    ...(row.traceparent !== null && { traceparent: row.traceparent }),
    idempotencyKey: row.idempotency_key ?? id,
  };
  const answer = await dispatchAs(principal)({ id, type: contract.request.type, headers, body, attempt, signal });
  const { headers: made = {}, body: answered } = replyTo(contract, answer);
  const { status, ...named } = made;
  return { status, headers: named, ...(answered !== undefined && { body: answered }) };
}

const requestIdOf = ({ request_id: requestId }: CommandRow) => (requestId === null ? {} : { requestId });
