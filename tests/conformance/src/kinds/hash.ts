import { hash, hmac, scenarioId } from '@handover/scenario';

import { diff, type Difference } from '../diff.js';

/** Hashes, keyed hashes and ids of JSON documents. */
export interface HashVector {
  readonly cases: readonly {
    readonly data: unknown;
    readonly hash?: string;
    readonly key?: string;
    readonly hmac?: string;
    readonly uuid?: string;
  }[];
}

export function runHash({ cases }: HashVector): Difference[] {
  return cases.flatMap(({ data, key = '', ...expected }) => {
    const actual = {
      ...(expected.hash !== undefined && { hash: hash(data) }),
      ...(expected.hmac !== undefined && { hmac: hmac(data, key) }),
      ...(expected.uuid !== undefined && { uuid: scenarioId(data as { $schema: string }) }),
    };
    return diff(JSON.stringify(data), expected, actual);
  });
}
