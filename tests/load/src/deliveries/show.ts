import { ms, ratio, table, whole } from '../table.js';
import type { DeliveryReport, Latency } from './deliveries.js';

/** The report as tables for the terminal. */
export function showDeliveries(report: DeliveryReport): string {
  const rates = table(
    ['', 'per second', 'of bare'],
    [
      ['platform', whole(report.perSecond), `${(report.ofBare * 100).toFixed(0)} %`],
      ['bare', whole(report.barePerSecond), ''],
    ],
  );
  const row = (name: string, { p50Ms, p99Ms }: Latency, beside = ''): string[] => [name, ms(p50Ms), ms(p99Ms), beside];
  const latencies = table(
    ['on its way', 'p50 ms', 'p99 ms', 'p99 beside'],
    [
      row('bare, POST to receipt', report.bareCalm),
      row('event to receipt', report.calm),
      row('  beside 30 good receivers', report.amongGood),
      row('  beside 30 hostile ones', report.amongHostile, ratio(report.p99OfGood)),
    ],
  );
  return `Deliveries\n${rates}\n\n${latencies}`;
}
