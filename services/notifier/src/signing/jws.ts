import { CompactSign } from 'jose';
import { JWS_ALGORITHM, type SigningKeys } from './signing-keys.js';

/** The header a detached JWS travels in. */
export const JWS_HEADER = 'jws-signature';

/** What the signature says beside the body, so that a message passed on to somebody else, or late, can be told. */
export interface SignedFacts {
  /** The `webhook-id`. */
  readonly id: string;
  /** Id of the webhook it was sent to. The keys are one installation's: a receiver who knows its own id cannot be sent another's. */
  readonly webhook: string;
  readonly at: Date;
}

/**
 * A detached JWS over a body (RFC 7515, appendix F): compact form with the middle part left out. Its protected header has
 * `alg` RS256, `kid` (see `/.well-known/jwks.json`), `id`, `webhook` and `timestamp` (Unix seconds).
 */
export async function detachedJws(keys: SigningKeys, body: string, { id, webhook, at }: SignedFacts): Promise<string> {
  const { kid, privateKey } = await keys.current();
  const timestamp = Math.floor(at.getTime() / 1_000);
  const compact = await new CompactSign(Buffer.from(body))
    .setProtectedHeader({ alg: JWS_ALGORITHM, kid, id, webhook, timestamp })
    .sign(privateKey);
  const [header, , signature] = compact.split('.');
  return `${header}..${signature}`;
}
