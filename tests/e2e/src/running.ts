import { randomUUID } from 'node:crypto';

/** An installation that runs already: somebody's own, such as one in containers, or the four bare processes of `bare.global.ts`. */
export interface Running {
  /** Address of its gateway. */
  readonly url: string;
  /** Signs tokens of callers: `JWT_SECRET` of its auth. */
  readonly jwtSecret: string;
}

const { HANDOVER_URL, HANDOVER_JWT_SECRET = '' } = process.env;

/** Where the tests go in place of a platform they start themselves; undefined unless one is named. */
export const RUNNING: Running | undefined =
  HANDOVER_URL === undefined ? undefined : { url: HANDOVER_URL, jwtSecret: HANDOVER_JWT_SECRET };

/** The buses a test is played over: one has to be started for each, and what runs already has its own, whichever that is. */
export const busesOf = <B extends string>(buses: readonly B[]): readonly (B | 'the bus it has')[] =>
  RUNNING === undefined ? buses : ['the bus it has'];

/** Others have been there before. @returns puts claims into tenants that are new, the same ones each time */
export function tenantsOfOwn(): (claims: Record<string, unknown>) => Record<string, unknown> {
  const suffix = randomUUID().slice(0, 8);
  return (claims) =>
    typeof claims.tenant === 'string'
      ? { ...claims, tenant: `${claims.tenant}-${suffix}` }
      : { tenant: suffix, ...claims };
}
