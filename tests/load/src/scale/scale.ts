import { debianRabbitMq, type OwnRabbitMq } from '@handover/testkit';
import { measureRest } from '../rest/rest.js';
import { ASSUMPTIONS, COMPONENTS, limitOfProcess, limitsOf, needOf, type Component } from './model.js';
import type { Assumptions, Costs, Limit, Need, Target } from './model.js';
import { measureSizes } from './sizes.js';

export interface ScaleOptions {
  readonly targets: readonly Target[];
  /** How long the platform is asked, in ms, and before that, not counted. */
  readonly roundMs: number;
  readonly warmUpMs: number;
  readonly rounds: number;
  /** How many processes are started to see what one leaves on disk. */
  readonly processes: number;
  readonly say: (line: string) => void;
}

export interface ScaleReport {
  readonly costs: Costs;
  readonly assumptions: Assumptions;
  readonly limits: readonly Limit[];
  readonly stepsPerSecondOfProcess: number;
  readonly needs: readonly Need[];
}

/** Enough for batches to form, and for the services to be busy. */
const CLIENTS = 64;

/** Measures what a step and a process cost here, on RabbitMQ as in a cluster, and computes what targets need. */
export async function measureScale(options: ScaleOptions): Promise<ScaleReport> {
  const broker = await debianRabbitMq();
  try {
    const env = { AMQP_URL: broker.url };
    const costs = { ...(await costOfSteps(options, env, broker)), ...(await measureSizes(options.processes, env)) };
    return {
      costs,
      assumptions: ASSUMPTIONS,
      limits: limitsOf(costs, ASSUMPTIONS),
      stepsPerSecondOfProcess: limitOfProcess(costs),
      needs: options.targets.map((target) => needOf(costs, target, ASSUMPTIONS)),
    };
  } finally {
    await broker.stop();
  }
}

async function costOfSteps(
  { roundMs, warmUpMs, rounds, say }: ScaleOptions,
  env: Readonly<Record<string, string>>,
  broker: OwnRabbitMq,
): Promise<Omit<Costs, 'bytesPerProcess' | 'bytesPerStep'>> {
  const pid = Number((await broker.ctl('eval', 'list_to_integer(os:getpid()).')).trim());
  const report = await measureRest({
    clients: [1, CLIENTS],
    rounds,
    roundMs,
    warmUpMs,
    env,
    pids: { rabbitmq: pid },
    say,
  });
  const [alone, busy] = report.rest;
  if (!alone || !busy) throw new Error('nothing was measured');
  const used = busy.platform.processorUs;
  return {
    processorUs: Object.fromEntries(COMPONENTS.map((name) => [name, used[name] ?? Number.NaN])) as Record<
      Component,
      number
    >,
    logBytesPerStep: report.writtenPerStep.bytes,
    rowsPerStep: report.writtenPerStep.rows,
    aloneMs: alone.platform.p50Ms,
  };
}
