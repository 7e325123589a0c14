import { BusError, createBus } from '@handover/bus';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { QUEUE, silent, type Produced, type ProducerOptions } from './traffic.js';

/** Longer than anything stays away in a test: the bus itself must bridge it. */
const TIMEOUT_MS = 120_000;
const {
  bus: config,
  messages = Infinity,
  keys,
  bytes,
  perSecond,
} = JSON.parse(process.argv[2] ?? '') as ProducerOptions;
const bus = createBus({ ...config, logger: silent });
await bus.start();

const failed: Record<string, number> = {};
const filler = 'x'.repeat(bytes);
const started = performance.now();
let [acknowledged, unacknowledged, mostUnacknowledged, pushedBack, offeredPerSecond] = [0, 0, 0, 0, 0];
let settled = (): void => undefined;

const codeOf = (error: unknown): string => (error instanceof BusError ? error.code : String(error));

/** @returns false when the bus took it not: it was pushed back at once */
async function offer(n: number): Promise<boolean> {
  const [key, step] = [`k${n % keys}`, Math.floor(n / keys)];
  const message = { id: `${key}-${step}`, type: 'step.v1', key, headers: {}, body: { key, step, filler } };
  process.stdout.write(`offers ${key} ${step}\n`);
  let refused = false;
  unacknowledged++;
  const sending = bus.send(QUEUE, message, { timeoutMs: TIMEOUT_MS }).then(
    () => void acknowledged++,
    (error: unknown) => {
      refused = codeOf(error) === 'overloaded';
      if (!refused) failed[codeOf(error)] = (failed[codeOf(error)] ?? 0) + 1;
    },
  );
  const ending = sending.then(() => {
    unacknowledged--;
    settled();
  });
  ongoing.add(ending);
  void ending.then(() => ongoing.delete(ending));
  mostUnacknowledged = Math.max(mostUnacknowledged, unacknowledged);
  // A refusal comes within this turn of the event loop.
  await nextTurn();
  return !refused;
}

const ongoing = new Set<Promise<void>>();
let told = false;
process.once('SIGUSR2', () => (told = true));
let n = 0;
for (; n < messages && !told; n++) {
  const due = perSecond === undefined ? 0 : started + (n * 1000) / perSecond - performance.now();
  if (due > 0) await delay(due);
  // Nothing of its key is sent before it: order is the sender's, too.
  while (!(await offer(n))) {
    if (pushedBack++ === 0) offeredPerSecond = (n * 1000) / (performance.now() - started);
    await new Promise<void>((resolve) => (settled = resolve));
  }
}
if (pushedBack === 0) offeredPerSecond = (n * 1000) / (performance.now() - started);
await Promise.all(ongoing);
const produced: Produced = { sent: n, acknowledged, failed, pushedBack, mostUnacknowledged, offeredPerSecond };
process.stdout.write(`produced ${JSON.stringify(produced)}\n`);
// Stays until it has been looked at.
process.once('SIGTERM', () => void bus.stop().then(() => process.exit(0)));
