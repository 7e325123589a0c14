import type { Furniture } from '../furniture.js';
import type { Parts } from '../samples.js';

/** A request that is refused: what is wrong with it, the status and members of the answer, and the request. */
export type Failure = readonly [
  what: string,
  status: number,
  answer: object,
  parts: (furniture: Furniture) => Parts | Promise<Parts>,
];

/** The headers of a command with a key of its own. */
export const newKey = () => ({ 'idempotency-key': crypto.randomUUID() });
