import type { Bus, MessageHeaders } from '@handover/bus';
import { ENGINE_SERVICE, unknownServices } from '@handover/contracts';
import { ask, type Logger } from '@handover/runtime';
import type { NormalizedScenario } from '@handover/scenario';
import type { Warnings } from './parse.js';

/** Warns of services that a scenario names and its tenant has not set up. */
export type WarnOfServices = (scenario: NormalizedScenario, headers: MessageHeaders) => Promise<Warnings>;

/** The scenario is stored already: nobody should wait long for a mere warning. */
const TIMEOUT_MS = 1_000;
/** What one question can hold. */
const MOST_NAMES = 1_000;

/**
 * Asks the notifier, in the caller's name. A notification to such a service waits until there is one, so this is a warning and
 * no error; when nobody can tell now, there is none.
 */
export function warnOfServices(bus: Bus, log: Logger): WarnOfServices {
  return async (scenario, { principal, requestId, traceparent }) => {
    const named = servicesOf(scenario);
    if (named.size === 0 || principal === undefined) return [];
    try {
      const headers = { principal, ...(requestId && { requestId }), ...(traceparent && { traceparent }) };
      const options = { headers, timeoutMs: TIMEOUT_MS };
      const { unknown } = await ask(bus, unknownServices, { names: [...named.keys()].slice(0, MOST_NAMES) }, options);
      return unknown.map((name) => ({
        pointer: named.get(name) ?? '',
        detail: `nobody has set up a service '${name}' yet; what it is to be told waits until somebody does`,
      }));
    } catch (error) {
      log.info({ requestId, err: error }, 'whether the services of a scenario exist cannot be told now');
      return [];
    }
  };
}

/** The services it notifies, with a pointer to the first state that does. */
function servicesOf({ states }: NormalizedScenario): Map<string, string> {
  const named = new Map<string, string>();
  for (const [key, { notify }] of Object.entries(states)) {
    for (const { service } of notify) {
      if (service !== ENGINE_SERVICE && !named.has(service)) named.set(service, `/states/${escaped(key)}`);
    }
  }
  return named;
}

/** RFC 6901. */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
