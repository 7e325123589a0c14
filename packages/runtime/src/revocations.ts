import type { Bus } from '@handover/bus';
import { HandoverError, REVOCATION_CHANNEL, listRevocations } from '@handover/contracts';
import { ask } from './requests.js';

/** Which API keys were revoked lately, known at once by broadcast and within {@link TRUSTED_FOR_MS} without it. */
export interface Revocations {
  /** @throws HandoverError `unavailable` when auth cannot be asked for longer than a revocation may take */
  includes(key: string): Promise<boolean>;
}

/** From this age on the list is asked for again while it is still used. */
const FRESH_FOR_MS = 2_000;
/** An older list is not used any more: the longest a revocation takes when its broadcast is lost. */
const TRUSTED_FOR_MS = 5_000;
const ASK_TIMEOUT_MS = 2_000;

interface Known {
  readonly keys: ReadonlySet<string>;
  /** When it was asked for, not when the answer came. */
  readonly askedAt: number;
}

/**
 * Keeps a copy of a list that is only looked at when somebody asks: an idle process asks nothing, and however many ask, the
 * list is fetched once at a time.
 * @param now a clock that never goes back, in milliseconds
 */
export function createRevocations(
  list: () => Promise<readonly string[]>,
  now: () => number = () => performance.now(),
): Revocations & { readonly changed: () => void } {
  let known: Known | undefined;
  let pending: Promise<Known> | undefined;

  const refresh = (): Promise<Known> => {
    if (pending) return pending;
    const askedAt = now();
    const asking = list().then((keys) => {
      const answer = { keys: new Set(keys), askedAt };
      // What was asked before a change is news of the past: whoever waits for it may use it, nobody after them.
      if (pending === asking) known = answer;
      return answer;
    });
    pending = asking;
    const done = (): void => {
      if (pending === asking) pending = undefined;
    };
    asking.then(done, done);
    return asking;
  };

  return {
    async includes(key) {
      const age = known ? now() - known.askedAt : Infinity;
      if (known && age < TRUSTED_FOR_MS) {
        if (age >= FRESH_FOR_MS) refresh().catch(() => undefined);
        return known.keys.has(key);
      }
      return (await refresh()).keys.has(key);
    },
    changed() {
      known = undefined;
      pending = undefined;
    },
  };
}

/** {@link createRevocations} of auth's list, asked for over the bus and again at once when auth broadcasts a change. */
export function revocationsOver(bus: Bus): Revocations {
  const revocations = createRevocations(async () => {
    try {
      return (await ask(bus, listRevocations, {}, { timeoutMs: ASK_TIMEOUT_MS })).keys;
    } catch (error) {
      throw new HandoverError('unavailable', 'Whether the API key is still good cannot be told now', {
        cause: error,
        retryAfter: 1,
      });
    }
  });
  // Without the broadcast the list is still right within seconds, so a bus that cannot listen is no reason to fail.
  bus.listen(REVOCATION_CHANNEL.channel, () => revocations.changed()).catch(() => undefined);
  return revocations;
}
