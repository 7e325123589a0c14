import { test } from 'vitest';
import type { BusCapabilities } from '../../src/index.js';

/** A test of a promise not every adapter makes: skipped, with the adapter's reason, where it is not made. */
export function testIf(
  capability: BusCapabilities[keyof BusCapabilities],
  title: string,
  run: () => Promise<void>,
): void {
  test(title, async (context) => {
    if (capability !== true) {
      process.stdout.write(`skipped: ${title}: ${capability}\n`);
      context.skip(capability);
    }
    await run();
  });
}
