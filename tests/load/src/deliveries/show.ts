import type { ProcessorTimes } from '../processor-time.js';
import { ms, ratio, table, whole } from '../table.js';
import type { DeliveryReport, Latency, Rate } from './deliveries.js';

const sum = (times: ProcessorTimes): number => Object.values(times).reduce((total, time) => total + time, 0);

function rowsOf({ receivers, perSecond, barePerSecond, ofBare, processorUs, bareProcessorUs }: Rate): string[][] {
  const share = `${(ofBare * 100).toFixed(0)} %`;
  return [
    [`platform, ${receivers} for each event`, whole(perSecond), share, whole(sum(processorUs))],
    ['  bare beside it', whole(barePerSecond), '', whole(sum(bareProcessorUs))],
  ];
}

/** The report as tables for the terminal. */
export function showDeliveries(report: DeliveryReport): string {
  const rates = table(['', 'per second', 'of bare', 'µs of processor'], report.rates.flatMap(rowsOf));
  const names = Object.keys(report.rates[0]?.processorUs ?? {});
  const times = table(
    ['µs of processor by', ...names],
    report.rates.map(({ receivers, processorUs }) => [
      `  ${receivers} for each event`,
      ...names.map((name) => whole(processorUs[name] ?? 0)),
    ]),
  );
  const row = (name: string, { p50Ms, p99Ms }: Latency, ...beside: string[]): string[] => [
    name,
    ms(p50Ms),
    ms(p99Ms),
    ...beside,
  ];
  const latencies = table(
    ['on its way', 'p50 ms', 'p99 ms', 'p99 of alone', 'of good'],
    [
      row('bare, POST to receipt', report.bare, '', ''),
      row('event to receipt', report.alone, '', ''),
      row('  beside 30 good receivers', report.amongGood, '', ''),
      row('  beside 30 hostile ones', report.amongHostile, ratio(report.p99OfAlone), ratio(report.p99OfGood)),
    ],
  );
  return `Deliveries\n${rates}\n\n${times}\n\n${latencies}`;
}
