import type { Budget } from '../../budget.js';
import { NIL_NAMESPACE, sha256Hex, sha512Hex, uuid5 } from '../../identity/index.js';
import { optional, string } from '../parameters.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';

/** Functions that identify text. Source: jmespath.md §3.1. */
export const HASH_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  sha256: defineFunction([string], ([text], budget) => {
    chargeHash(text, budget);
    return sha256Hex(text);
  }),
  sha512: defineFunction([string], ([text], budget) => {
    chargeHash(text, budget);
    return sha512Hex(text);
  }),
  uuid: defineFunction([string, optional(string)], ([name, namespace], budget) => {
    chargeHash(name, budget);
    return uuid5(name, namespace ?? NIL_NAMESPACE);
  }),
};

/** A hash takes several microseconds to set up, and one to three more per 64 characters. */
function chargeHash(text: string, budget: Budget): void {
  budget.charge(20 + text.length / 8);
}
