import type { Case, CaseDetails } from '@handover/contracts';
import { isUuid } from '@handover/scenario';
import type { Selectable, Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { GatewaySchema } from '../../database.js';

type Tx = Transaction<GatewaySchema>;

/** A case, and what is known of it, flat. */
export interface StoredCase {
  readonly shown: Case;
  readonly details: CaseDetails;
}

/** Makes a case; one of a person or company that is known already has the same party. */
export async function insertCase(tx: Tx, tenant: string, details: CaseDetails): Promise<StoredCase> {
  const party = await partyOf(tx, tenant, details);
  const row = await tx
    .insertInto('cases')
    .values({ tenant, id: randomUUID(), party, details: JSON.stringify(details) })
    .returningAll()
    .executeTakeFirstOrThrow();
  return stored(row);
}

async function partyOf(tx: Tx, tenant: string, { personalNumber, companyNumber }: CaseDetails): Promise<string> {
  const number = personalNumber ?? companyNumber;
  if (number === undefined) return randomUUID();
  const kind = personalNumber === undefined ? 'business' : 'personal';
  const { id } = await tx
    .insertInto('parties')
    .values({ tenant, kind, number, id: randomUUID() })
    // An update that changes nothing: it waits for whoever is adding the same party, and answers with theirs.
    .onConflict((conflict) => conflict.columns(['tenant', 'kind', 'number']).doUpdateSet({ number }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function findCase(tx: Tx, id: string): Promise<StoredCase | undefined> {
  if (!isUuid(id)) return undefined;
  const row = await tx.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst();
  return row && stored(row);
}

function stored({ id, party, details: kept, created_at }: Selectable<GatewaySchema['cases']>): StoredCase {
  const details = kept as CaseDetails;
  const { companyNumber, companyName, companyAddress, ...personal } = details;
  const business = { companyNumber, companyName, companyAddress };
  return {
    details,
    shown: { createdDate: created_at, caseId: id, partyId: party, partyDetails: { personal, business } },
  };
}

export interface ParameterSet {
  readonly id: string;
  /** Id of the scenario they are for. */
  readonly definition: string;
  readonly parameters: Record<string, unknown>;
}

export async function insertParameters(
  tx: Tx,
  tenant: string,
  definition: string,
  parameters: Record<string, unknown>,
): Promise<ParameterSet> {
  const id = randomUUID();
  await tx
    .insertInto('parameter_sets')
    .values({ tenant, id, definition, parameters: JSON.stringify(parameters) })
    .execute();
  return { id, definition, parameters };
}

export async function findParameters(tx: Tx, id: string): Promise<ParameterSet | undefined> {
  if (!isUuid(id)) return undefined;
  return tx
    .selectFrom('parameter_sets')
    .select(['id', 'definition', 'parameters'])
    .where('id', '=', id)
    .executeTakeFirst();
}
