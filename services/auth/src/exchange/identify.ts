import { HandoverError } from '@handover/contracts';
import { DEMO_ACCOUNTS } from '../accounts/demo-accounts.js';
import { audit } from '../audit.js';
import type { AuthConfig } from '../config.js';
import { byApiKey } from './by-api-key.js';
import { byJwt } from './by-jwt.js';
import type { Identified, IdentifyPorts } from './identified.js';
import { Refusal } from './refusal.js';
import { userPrincipal } from './user-principal.js';

const FOREVER = new Date(8_640_000_000_000_000);

/**
 * Who a bearer token speaks for: an API key by its prefix, else a JWT; without a token the default account, if there is one.
 * @throws HandoverError `unauthenticated`, in the same words whatever the reason: the reason goes to the log
 */
export async function identify(token: string | null, ports: IdentifyPorts): Promise<Identified> {
  if (token === null) return defaultAccount(ports.config);
  const isKey = token.startsWith(ports.config.API_KEY_PREFIX);
  try {
    return await (isKey ? byApiKey(token, ports) : byJwt(token, ports));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    audit(ports.log, 'token.refused', { kind: isKey ? 'apikey' : 'jwt', reason: error.message, ...error.facts });
    throw new HandoverError('unauthenticated', isKey ? 'Invalid API key' : 'The bearer token is not valid', {
      cause: error,
    });
  }
}

function defaultAccount(config: AuthConfig): Identified {
  const account = DEMO_ACCOUNTS.find(({ id }) => id === config.DEFAULT_ACCOUNT);
  if (!account) throw new HandoverError('unauthenticated', 'A bearer token is required');
  return { principal: userPrincipal(config.DEFAULT_TENANT, account, config.AUTH_ROLES), until: FOREVER };
}
