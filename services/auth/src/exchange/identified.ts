import type { Principal } from '@handover/contracts';
import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { LastUsed } from '../api-keys/last-used.js';
import type { AuthConfig } from '../config.js';
import type { AuthSchema } from '../database.js';
import type { JwtReader } from './jwt.js';

/** What it takes to find out who a token speaks for. */
export interface IdentifyPorts {
  readonly config: AuthConfig;
  readonly db: Kysely<AuthSchema>;
  readonly log: Logger;
  readonly jwts: JwtReader;
  readonly lastUsed: LastUsed;
}

/** Who a bearer token speaks for, and until when at most. */
export interface Identified {
  readonly principal: Principal;
  readonly until: Date;
}
