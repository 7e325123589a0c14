import type { Registration } from './port.js';

/** Makes a registration whose `close` runs `closing` once, however often it is called. */
export function registration(closing: () => Promise<void>): Registration {
  let closed: Promise<void> | undefined;
  return { close: () => (closed ??= closing()) };
}
