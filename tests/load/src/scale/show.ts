import { ms, table, whole } from '../table.js';
import { COMPONENTS, type Assumptions, type Need } from './model.js';
import type { ScaleReport } from './scale.js';

/** What was measured, what is assumed, what follows: text for the terminal. */
export function showScale({ costs, assumptions, limits, needs, stepsPerSecondOfProcess }: ScaleReport): string {
  const us = COMPONENTS.map((name) => `${name} ${whole(costs.processorUs[name])}`).join(', ');
  return [
    `Measured per step: ${us} µs of a processor; ${costs.rowsPerStep.toFixed(1)} rows and ${whole(costs.logBytesPerStep)} bytes of log;`,
    `  kept on disk: ${whole(costs.bytesPerStep)} bytes a step, ${whole(costs.bytesPerProcess)} bytes a process; a lone step takes ${ms(costs.aloneMs)} ms.`,
    `Assumed: ${stated(assumptions)}.`,
    '',
    table(['what is needed', ...needs.map(title)], rows(needs)),
    '',
    'One installation ends, whatever is added to it, at',
    table(
      ['', 'steps/s', 'because'],
      limits.map(({ name, stepsPerSecond, why }) => [name, whole(stepsPerSecond), why]),
    ),
    `One process ends at ${whole(stepsPerSecondOfProcess)} steps/s: each step waits for the one before to be committed.`,
    ...needs.filter(({ exceeded }) => exceeded.length > 0).map(beyond),
  ].join('\n');
}

const stated = (stated: Assumptions): string =>
  [
    `processors are used to ${whole(stated.utilisation * 100)} %`,
    `the largest Postgres has ${stated.databaseCores} of them and writes ${size(stated.logBytesPerSecond)}/s of log`,
    `a quorum queue passes ${whole(stated.queueMessagesPerSecond)} messages/s`,
    `a process has ${stated.stepsPerProcess} steps of ${stated.eventsPerStep} event`,
    `a part of a table holds ${size(stated.partBytes)}`,
  ].join('; ');

const title = ({ target }: Need): string => `${whole(target.stepsPerSecond)} steps/s, ${count(target.processes)}`;

function rows(needs: readonly Need[]): string[][] {
  const row = (name: string, cell: (need: Need) => string): string[] => [name, ...needs.map(cell)];
  return [
    ...COMPONENTS.map((name) => row(`${name}: processors`, ({ cores }) => whole(cores[name]))),
    ...(['gateway', 'engine', 'auth', 'notifier'] as const).map((name) =>
      row(`${name}: replicas`, ({ replicas }) => whole(replicas[name])),
    ),
    row('rows written a second', ({ rowsPerSecond }) => whole(rowsPerSecond)),
    row('log a second', ({ logBytesPerSecond }) => size(logBytesPerSecond)),
    row('log a day', ({ logBytesPerSecond }) => size(logBytesPerSecond * 86_400)),
    row('disk', ({ diskBytes }) => size(diskBytes)),
    row('parts of the table of events', ({ parts }) => whole(parts)),
    row('queues of events', ({ eventQueues }) => whole(eventQueues)),
    row('installations', ({ installations }) => whole(installations)),
  ];
}

const beyond = ({ target, exceeded, installations }: Need): string =>
  `${whole(target.stepsPerSecond)} steps/s are beyond ${exceeded.map(({ name }) => name).join(', ')}: tenants have to be divided among ${whole(installations)} installations.`;

const UNITS = [
  [1e15, 'PB'],
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
] as const;

function size(bytes: number): string {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? [1e3, 'kB'];
  return `${(bytes / unit).toPrecision(3)} ${name}`;
}

const count = (processes: number): string =>
  processes >= 1e9 ? `${whole(processes / 1e9)} billion` : whole(processes);
