import { ms, table, whole } from '../table.js';
import type { BusFigure } from './bus.js';

/** The figures as a table for the terminal. */
export function showBus(figures: readonly BusFigure[]): string {
  const head = [
    'transport',
    'bytes',
    'in flight',
    'adapter/s',
    'bare/s',
    'of bare',
    'p99 ms',
    'bare p99',
    'p99 of bare',
    'CPU µs',
    'bare CPU µs',
  ];
  const rows = figures.map(({ transport, bytes, inFlight, adapter, bare, ofBare, p99OfBare }) => [
    transport,
    whole(bytes),
    String(inFlight),
    whole(adapter.perSecond),
    whole(bare.perSecond),
    `${(ofBare * 100).toFixed(0)} %`,
    ms(adapter.p99Ms),
    ms(bare.p99Ms),
    `${(p99OfBare * 100).toFixed(0)} %`,
    whole(adapter.processorUs),
    whole(bare.processorUs),
  ]);
  return `Request and reply\n${table(head, rows)}`;
}
