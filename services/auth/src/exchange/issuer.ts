import { compileExpression, type CompiledExpression } from '@handover/scenario';
import { HandoverError } from '@handover/contracts';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
const KEY_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const expression = z.string().transform((text, context): CompiledExpression => {
  try {
    return compileExpression(text);
  } catch (error) {
    context.addIssue(`is no JMESPath expression: ${error instanceof Error ? error.message : String(error)}`);
    return z.NEVER;
  }
});

const common = {
  /** Claim `iss` of its tokens; absent: any token that names no configured issuer. */
  issuer: z.string().min(1).optional(),
  /** Claim `aud` a token must have, one of these; any when absent. */
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  /** Difference between clocks that is forgiven, in seconds. */
  clockSkew: z.number().int().min(0).max(300).default(5),
  /** JMESPath over the verified claims, yielding `{id, roles, info, tenant}`; the claims as they are when absent. */
  transform: expression.optional(),
  /** The one tenant this issuer speaks for, whatever its tokens say. */
  tenant: z.string().min(1).max(100).optional(),
};

/** An X.509 SubjectPublicKeyInfo in PEM. */
const publicKey = z.string().transform((pem, context): KeyObject => {
  try {
    return createPublicKey(pem);
  } catch {
    context.addIssue('is no public key in PEM form');
    return z.NEVER;
  }
});

/** Keys that come over a network are fetched over TLS. */
const jwksUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname),
    'must be https, unless it is on this machine',
  );

const keyAlgorithms = z.array(z.enum(KEY_ALGORITHMS)).min(1);

/**
 * Somebody whose tokens are believed, with exactly one way to verify them. A secret goes with HMAC algorithms only and a public
 * key with signatures only, so no token can have one taken for the other.
 */
export const issuerSchema = z.union([
  z.strictObject({
    ...common,
    secret: z.string().min(16),
    algorithms: z.array(z.enum(SECRET_ALGORITHMS)).min(1).default(['HS256']),
  }),
  z.strictObject({ ...common, publicKey, algorithms: keyAlgorithms }),
  z.strictObject({ ...common, jwksUrl, algorithms: keyAlgorithms }),
]);
export type Issuer = z.infer<typeof issuerSchema>;

/** A JWK set is fetched again for an unknown key id at most this often. */
const JWKS_COOLDOWN_MS = 30_000;
const JWKS_CACHED_MS = 600_000;
const JWKS_TIMEOUT_MS = 3_000;

/** Finds the key that an issuer's tokens are verified with. @throws HandoverError `unavailable` when it cannot be had */
export function keyOf(issuer: Issuer): JWTVerifyGetKey {
  if ('jwksUrl' in issuer) return remoteKeyOf(new URL(issuer.jwksUrl));
  const key = 'secret' in issuer ? new TextEncoder().encode(issuer.secret) : issuer.publicKey;
  return async () => key;
}

/** A JWK set is fetched once at a time and kept; no redirect is followed. */
function remoteKeyOf(url: URL): JWTVerifyGetKey {
  const find = createRemoteJWKSet(url, {
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_CACHED_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      const isAboutToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
        (kind) => error instanceof kind,
      );
      if (isAboutToken) throw error;
      throw new HandoverError('unavailable', 'The keys of the token’s issuer cannot be had now', {
        cause: error,
        retryAfter: 5,
      });
    }
  };
}
