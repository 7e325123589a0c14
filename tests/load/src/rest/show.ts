import { ms, ratio, table, whole } from '../table.js';
import type { Measured, RestReport } from './rest.js';

/** The report as tables for the terminal. */
export function showRest({ rest, writtenPerStep }: RestReport): string {
  const rates = table(
    [
      'clients',
      'steps/s',
      'p50 ms',
      'p99 ms',
      'vs plain',
      'vs batched',
      'p99 vs plain',
      'plain/s',
      'batched/s',
      'plain p99',
    ],
    rest.map((figure) => [
      String(figure.clients),
      whole(figure.stepsPerSecond),
      ms(figure.p50Ms),
      ms(figure.p99Ms),
      ratio(figure.vsPlainFloor),
      ratio(figure.vsBatchedFloor),
      ratio(figure.p99VsPlainFloor),
      whole(figure.plainFloor.stepsPerSecond),
      whole(figure.batchedFloor.stepsPerSecond),
      ms(figure.plainFloor.p99Ms),
    ]),
  );
  const written = `Written per step: ${writtenPerStep.rows.toFixed(2)} rows, ${whole(writtenPerStep.bytes)} bytes of log`;
  return `${rates}\n\n${processors(rest)}\n\n${written}`;
}

/** Processor time by process; nothing where the system does not tell. */
function processors(rest: RestReport['rest']): string {
  const names = [...new Set(rest.flatMap(({ platform }) => Object.keys(platform.processorUs)))];
  const floors = ['floor', 'client', 'postgres'];
  const us = ({ processorUs }: Measured, name: string) => whole(processorUs[name] ?? Number.NaN);
  const head = ['clients', ...names, ...floors.map((name) => `plain ${name}`)];
  const rows = rest.map(({ clients, platform, plainFloor }) => [
    String(clients),
    ...names.map((name) => us(platform, name)),
    ...floors.map((name) => us(plainFloor, name)),
  ]);
  return `Processor time per step, µs\n${table(head, rows)}`;
}
