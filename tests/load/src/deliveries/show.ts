import type { ProcessorTimes } from '../processor-time.js';
import { ms, ratio, table, whole } from '../table.js';
import type { DeliveryReport, Rate } from './deliveries.js';
import type { HostileReport } from './hostile.js';
import type { Latency } from './subject.js';

const sum = (times: ProcessorTimes): number => Object.values(times).reduce((total, time) => total + time, 0);

function rowsOf({ name, perSecond, barePerSecond, ofBare, processorUs, bareProcessorUs }: Rate): string[][] {
  const share = `${(ofBare * 100).toFixed(0)} %`;
  return [
    [name, whole(perSecond), share, whole(sum(processorUs))],
    ['  bare beside it', whole(barePerSecond), '', whole(sum(bareProcessorUs))],
  ];
}

const latencyRow = (name: string, { p50Ms, p99Ms, samples }: Latency, ...beside: string[]): string[] => [
  name,
  ms(p50Ms),
  ms(p99Ms),
  whole(samples),
  ...beside,
];

/** The report as tables for the terminal. */
export function showDeliveries({ rates, calm, bareCalm }: DeliveryReport): string {
  const names = Object.keys(rates[0]?.processorUs ?? {});
  return [
    table(['deliveries', 'per second', 'of bare', 'µs of processor'], rates.flatMap(rowsOf)),
    table(
      ['µs of processor by', ...names],
      rates.map(({ name, processorUs }) => [`  ${name}`, ...names.map((process) => whole(processorUs[process] ?? 0))]),
    ),
    table(
      ['on its way, with little to do', 'p50 ms', 'p99 ms', 'samples'],
      [latencyRow('commit to receipt', calm), latencyRow('bare, POST to receipt', bareCalm)],
    ),
  ].join('\n\n');
}

/** The report as a table for the terminal. */
export function showHostile({ alone, amongGood, amongHostile, p99OfAlone, p99OfGood }: HostileReport): string {
  return table(
    ['commit to receipt', 'p50 ms', 'p99 ms', 'samples', 'p99 of alone', 'of good'],
    [
      latencyRow('one receiver alone', alone, '', ''),
      latencyRow('  beside 30 good ones', amongGood, '', ''),
      latencyRow('  beside 30 hostile ones', amongHostile, ratio(p99OfAlone), ratio(p99OfGood)),
    ],
  );
}
