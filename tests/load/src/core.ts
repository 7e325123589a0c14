import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { instantiate, step, toDocument, type Process } from '@handover/process';
import { compile, normalizeScenario } from '@handover/scenario';

import { measure, type MeasureOptions, type Task } from './measure.js';
import { SUBJECTS, type Subject } from './scenarios.js';
import { table as alignedTable } from './table.js';

const HELP = `Usage: node core.mjs [--quick] [--json FILE]

Times one step of the pure core, for a small, a middling and a big scenario with 0, 100 and 10,000 past events, and beside
it, in the same run, one structuredClone and one JSON round trip of that process document, scenario included.

  --quick      fewer and shorter rounds
  --json FILE  also write the figures to a file
  --help       this text`;

const PASTS = [0, 100, 10_000];

interface Figure {
  readonly scenario: string;
  readonly events: number;
  /** µs each. */
  readonly step: number;
  readonly structuredClone: number;
  readonly jsonRoundTrip: number;
  readonly stepsPerSecond: number;
  /** Cost of a step in clones. */
  readonly ofClone: number;
  /** Cost of a step against the same without a past. */
  readonly ofEmptyPast: number;
}

process.exitCode = main(process.argv.slice(2));

function main(argv: string[]): number {
  const options = optionsOf(argv);
  if (options === undefined || options.help) {
    (options ? console.log : console.error)(HELP);
    return options ? 0 : 2;
  }
  const effort = options.quick ? { rounds: 7, roundTime: 10, warmUp: 150 } : { rounds: 31, roundTime: 40, warmUp: 500 };
  const figures = SUBJECTS.flatMap((subject) => figuresOf(subject, effort));
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  console.log(`${machine}\n\n${table(figures)}`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, figures }, undefined, 2)}\n`);
  return 0;
}

function optionsOf(argv: string[]) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: { help: { type: 'boolean' }, quick: { type: 'boolean' }, json: { type: 'string' } },
    });
    return values;
  } catch {
    return undefined;
  }
}

function figuresOf(subject: Subject, effort: MeasureOptions): Figure[] {
  const compiled = compile(normalizeScenario(subject.scenario));
  const { process: newborn } = instantiate(compiled, {
    id: '0b6bd3a5-32c3-4e4b-8a4e-0a1f0a2f2f11',
    now: '2026-01-01T00:00:00.000Z',
  });
  const steps: Record<string, Task> = {};
  const copies: Record<string, Task> = {};
  for (const events of PASTS) {
    const process = grow(newborn, subject, events);
    Object.assign(steps, stepOf(subject, process, events));
    // Copies of a long past leave so much behind that collecting it would be charged to the steps beside them.
    Object.assign(events === 0 ? steps : copies, copiesOf(process, events));
  }
  const times = { ...measure(steps, effort), ...measure(copies, effort) };
  const at = (name: string, events: number) => times[`${name} ${events}`] ?? Number.NaN;
  return PASTS.map((events) => ({
    scenario: subject.name,
    events,
    step: at('step', events),
    structuredClone: at('clone', events),
    jsonRoundTrip: at('json', events),
    stepsPerSecond: 1e6 / at('step', events),
    ofClone: at('step', events) / at('clone', events),
    ofEmptyPast: at('step', events) / at('step', 0),
  }));
}

/** The same step from the same state, however long the past: the process carries it along. */
function stepOf(subject: Subject, process: Process, events: number): Record<string, Task> {
  const [first] = subject.round;
  if (first === undefined) throw new Error(`Scenario '${subject.name}' has no steps`);
  const request = { ...first, now: '2026-02-01T00:00:00.000Z' };
  if (step(process, request).event.skipped) throw new Error(`Scenario '${subject.name}' refuses '${first.action}'`);
  return { [`step ${events}`]: () => step(process, request) };
}

/** What a step is held against: copying the process once, with its scenario. */
function copiesOf(process: Process, events: number): Record<string, Task> {
  const document = toDocument(process);
  return {
    [`clone ${events}`]: () => structuredClone(document),
    [`json ${events}`]: () => JSON.parse(JSON.stringify(document)) as unknown,
  };
}

/** Lets a process live until it has so many events more, and is back in its first state. */
function grow(newborn: Process, { name, round }: Subject, events: number): Process {
  let process = newborn;
  while (process.head.count <= events || (events > 0 && process.current.key !== 'initial')) {
    for (const request of events === 0 ? [] : round) {
      const change = step(process, { ...request, now: '2026-01-02T00:00:00.000Z' });
      if (change.event.skipped) throw new Error(`${name}: ${String(change.event.errors)}`);
      process = change.process;
    }
    if (events === 0) break;
  }
  return process;
}

function table(figures: readonly Figure[]): string {
  const head = [
    'scenario',
    'past events',
    'step µs',
    'steps/s',
    'clone µs',
    'JSON µs',
    'step/clone',
    'step/JSON',
    'vs 0 events',
  ];
  const rows = figures.map((figure) => [
    figure.scenario,
    figure.events.toLocaleString('en'),
    figure.step.toFixed(1),
    Math.round(figure.stepsPerSecond).toLocaleString('en'),
    figure.structuredClone.toFixed(1),
    figure.jsonRoundTrip.toFixed(1),
    figure.ofClone.toFixed(3),
    (figure.step / figure.jsonRoundTrip).toFixed(3),
    `${figure.ofEmptyPast.toFixed(2)} ×`,
  ]);
  return alignedTable(head, rows);
}
