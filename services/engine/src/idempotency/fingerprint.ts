import { hash } from '@handover/scenario';

/**
 * What tells a command from another under the same idempotency key: who asks for what. A precondition says when it may be
 * carried out, not what it is: sent again it may name a newer version.
 * @param type of the engine's request
 * @param principal its id
 */
export function fingerprintOf(type: string, principal: string, body: unknown): string {
  const { ifMatch: _ifMatch, ...asked } = body as { ifMatch?: string };
  return hash([type, principal, asked]);
}
