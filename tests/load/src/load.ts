import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureBus } from './bus/bus.js';
import { showBus } from './bus/show.js';
import { measureDeliveries } from './deliveries/deliveries.js';
import { measureHostile } from './deliveries/hostile.js';
import { showDeliveries, showHostile } from './deliveries/show.js';
import { measureHistory, showHistory } from './history.js';
import { measureLists, showLists } from './lists/lists.js';
import { leaksOf, measureMemory, showMemory } from './memory.js';
import { measureRest } from './rest/rest.js';
import { showRest } from './rest/show.js';
import { measureScale } from './scale/scale.js';
import { showScale } from './scale/show.js';
import { measureTimers, showTimers } from './timers.js';

const HELP = `Usage: npm run load -- [rest] [bus] [deliveries] [hostile] [lists] [history] [timers] [memory] [scale] [options]

Measures the built platform beside something simpler that does the same work in the same run. Without a part it measures all.

  rest            closed-loop clients step processes over REST: rates, latencies, processor time; all services as processes of
                  their own, on a real Postgres with fsync on, beside two floors: a minimal server with one UPDATE and one
                  INSERT in a transaction per request (plain), and the same with concurrent requests sharing a transaction (batched)
  bus             request and reply by both adapters of the bus, two processes on ZeroMQ and on a real RabbitMQ, beside the
                  same written with nothing but zeromq or amqplib: rates and p99 for each size and number in flight. Both promise
                  at most once; the bare one has the same prefetch, acknowledgements and expiry on the broker, and JSON bodies of
                  the same size, but no ids, headers, checks, deadlines and reconnects of its own
  deliveries      events of processes as webhooks, beside a bare loop that signs and posts to the same receiver, with as many
                  under way: worked off from a backlog on the bus (every event to one receiver; one event in three, to one
                  and to eight), and with the steps that cause them; how long a message is on its way when there is little to do
  hostile         how long messages to a receiver who behaves well are on their way, alone, beside 30 others like it, and
                  beside 30 that hang, drip, flood, redirect and break off
  lists           first pages of lists over REST, among more and more processes
  history         what a step costs a process of few and of many events
  timers          timers that are due all at once, and how other processes are stepped meanwhile
  memory          what the services hold resident, at rest and round after round under load; fails when it keeps growing
  scale           what a step and a process cost each component here, on a RabbitMQ of its own; computed from that, with stated assumptions,
                  what more steps a second and a billion processes need, and where an installation ends

  --quick         a short run of each part
  --clients LIST  rest: numbers of clients, such as 1,16,64,256
  --in-flight LIST  bus: numbers of requests under way, such as 1,8,64
  --processes LIST  lists: numbers of processes, such as 1000,10000,1000000
  --due N         timers: how many are due at once
  --steps LIST    scale: steps a second to compute for, such as 10000,100000
  --bytes LIST    bus: sizes of bodies, such as 512,4096
  --seconds N     how long each server is asked in a round
  --rounds N      rounds for each line of a table
  --warm-up N     how many seconds each server is asked before, not counted
  --json FILE     also write the figures to a file
  --help          this text

TEST_DATABASE_URL names the Postgres to use (an admin URL), AMQP_URL a RabbitMQ to use as the platform's bus and for \`bus\`.`;

type Options = NonNullable<ReturnType<typeof optionsOf>>['values'];

/** What can be measured. Each prints its own figures and returns them for the report. */
const PARTS = { rest, bus, deliveries, hostile, lists, history, timers, memory, scale } as const;
type Part = keyof typeof PARTS;

/** The figures of a part, and what of them must not be so. */
interface Outcome {
  readonly failed?: readonly string[];
  readonly [figures: string]: unknown;
}

process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  const options = optionsOf(argv);
  if (options === undefined || options.values.help) {
    (options ? console.log : console.error)(HELP);
    return options ? 0 : 2;
  }
  const { values, parts } = options;
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  const report: Record<string, unknown> = { machine };
  console.log(machine);
  const failed: string[] = [];
  for (const part of parts) {
    const outcome: Outcome = { ...(await PARTS[part](values)) };
    failed.push(...(outcome.failed ?? []));
    Object.assign(report, outcome, { failed });
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  for (const sentence of failed) console.error(sentence);
  return failed.length === 0 ? 0 : 1;
}

async function rest(options: Options): Promise<object> {
  const { AMQP_URL } = process.env;
  const bus = AMQP_URL === undefined ? 'ZeroMQ' : 'RabbitMQ';
  const report = await measureRest({
    clients: numbers(options.clients ?? '1,16,64,256'),
    ...effort(options, options.quick ? { rounds: 1, seconds: 1, warmUp: 2 } : { rounds: 4, seconds: 4, warmUp: 15 }),
    env: AMQP_URL === undefined ? {} : { AMQP_URL },
    say: (line) => console.log(line),
  });
  console.log(`\n${report.database}; bus: ${bus}\n\n${showRest(report)}\n`);
  return { bus, ...report };
}

async function bus(options: Options): Promise<object> {
  const figures = await measureBus({
    inFlight: numbers(options['in-flight'] ?? '1,8,64'),
    bytes: numbers(options.bytes ?? '512,4096'),
    ...effort(
      options,
      options.quick ? { rounds: 2, seconds: 0.2, warmUp: 0.5 } : { rounds: 12, seconds: 0.5, warmUp: 5 },
    ),
    say: (line) => console.log(line),
  });
  console.log(`\n${showBus(figures)}\n`);
  return { requests: figures };
}

async function deliveries(options: Options): Promise<object> {
  const { AMQP_URL } = process.env;
  const bus = AMQP_URL === undefined ? 'ZeroMQ' : 'RabbitMQ';
  const report = await measureDeliveries({
    ...effort(options, options.quick ? { rounds: 3, seconds: 1, warmUp: 6 } : { rounds: 9, seconds: 2, warmUp: 12 }),
    env: AMQP_URL === undefined ? {} : { AMQP_URL },
    say: (line) => console.log(line),
  });
  console.log(`\n${report.database}; bus: ${bus}\n\n${showDeliveries(report)}\n`);
  return { bus, deliveries: report };
}

async function hostile(options: Options): Promise<object> {
  const { AMQP_URL } = process.env;
  const report = await measureHostile({
    ...effort(options, options.quick ? { rounds: 2, seconds: 4, warmUp: 0 } : { rounds: 2, seconds: 25, warmUp: 0 }),
    env: AMQP_URL === undefined ? {} : { AMQP_URL },
    say: (line) => console.log(line),
  });
  console.log(`\n${report.database}\n\n${showHostile(report)}\n`);
  return { hostile: report };
}

async function lists(options: Options): Promise<object> {
  const figures = await measureLists({
    processes: numbers(options.processes ?? (options.quick ? '1000,10000' : '1000,10000,100000,1000000')),
    roundMs: Number(options.seconds ?? (options.quick ? 0.2 : 2)) * 1000,
    say: (line) => console.log(line),
  });
  console.log(`\n${showLists(figures)}\n`);
  return { lists: figures };
}

async function history(options: Options): Promise<object> {
  const figures = await measureHistory({
    events: [10, 100, 1_000, 10_000],
    steps: options.quick ? 100 : 1_000,
    say: (line) => console.log(line),
  });
  console.log(`\n${showHistory(figures)}\n`);
  return { history: figures };
}

async function timers(options: Options): Promise<object> {
  const due = Number(options.due ?? (options.quick ? 1_000 : 100_000));
  const figure = await measureTimers({ due, say: (line) => console.log(line) });
  console.log(`\n${showTimers(figure)}\n`);
  return { timers: figure };
}

async function memory(options: Options): Promise<Outcome> {
  const figures = await measureMemory({
    clients: 64,
    processes: options.quick ? 500 : 20_000,
    roundMs: Number(options.seconds ?? (options.quick ? 2 : 30)) * 1000,
    rounds: Number(options.rounds ?? 4),
    say: (line) => console.log(line),
  });
  console.log(`\n${showMemory(figures)}\n`);
  return { memory: figures, failed: leaksOf(figures) };
}

async function scale(options: Options): Promise<object> {
  const report = await measureScale({
    targets: numbers(options.steps ?? '10000,100000').map((stepsPerSecond) => ({ stepsPerSecond, processes: 1e9 })),
    ...effort(options, options.quick ? { rounds: 1, seconds: 3, warmUp: 4 } : { rounds: 2, seconds: 5, warmUp: 10 }),
    processes: options.quick ? 4_000 : 20_000,
    say: (line) => console.log(line),
  });
  console.log(`\n${showScale(report)}\n`);
  return { scale: report };
}

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}

function isPart(name: string): name is Part {
  return name in PARTS;
}

function effort(options: Options, usual: { rounds: number; seconds: number; warmUp: number }) {
  return {
    rounds: Number(options.rounds ?? usual.rounds),
    roundMs: Number(options.seconds ?? usual.seconds) * 1000,
    warmUpMs: Number(options['warm-up'] ?? usual.warmUp) * 1000,
  };
}

/** @returns undefined when the arguments are wrong */
function optionsOf(argv: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        quick: { type: 'boolean' },
        clients: { type: 'string' },
        'in-flight': { type: 'string' },
        steps: { type: 'string' },
        bytes: { type: 'string' },
        processes: { type: 'string' },
        due: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        'warm-up': { type: 'string' },
        json: { type: 'string' },
      },
    });
    if (!positionals.every(isPart)) return undefined;
    const parts: readonly Part[] = positionals.length > 0 ? positionals : (Object.keys(PARTS) as Part[]);
    return { values, parts };
  } catch {
    return undefined;
  }
}
