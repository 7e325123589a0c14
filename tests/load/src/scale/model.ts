/**
 * What an installation of some size needs, computed from what a step and a process cost on one machine. Pure arithmetic: every number is
 * measured (`Costs`), stated (`Assumptions`) or asked for (`Target`).
 */

/** Services that share their work among replicas, and the two servers behind them. */
export const COMPONENTS = ['gateway', 'engine', 'auth', 'notifier', 'postgres', 'rabbitmq'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Measured. */
export interface Costs {
  /** Processor time per step, in µs. */
  readonly processorUs: Readonly<Record<Component, number>>;
  /** Of Postgres's write-ahead log. */
  readonly logBytesPerStep: number;
  readonly rowsPerStep: number;
  /** On disk for good, with indexes: a process that has been started, and each step of it. */
  readonly bytesPerProcess: number;
  readonly bytesPerStep: number;
  /** How long one step takes whoever waits for it before the next, in ms. */
  readonly aloneMs: number;
}

/** Stated: where the machine measured on says nothing. */
export interface Assumptions {
  /** Share of a processor that is planned with; the rest is for peaks and for a replica that is away. */
  readonly utilisation: number;
  /** Processors of the largest server for Postgres. */
  readonly databaseCores: number;
  /** What that server's disk writes of log and keeps up with in checkpoints, in bytes per second. */
  readonly logBytesPerSecond: number;
  /** What one quorum queue takes and gives on three nodes, in messages per second. */
  readonly queueMessagesPerSecond: number;
  /** Messages a step puts into the queue that every event goes through. */
  readonly eventsPerStep: number;
  /** Steps in the life of a process. */
  readonly stepsPerProcess: number;
  /** A table, or a part of one, that a vacuum still gets through, in bytes. */
  readonly partBytes: number;
}

export const ASSUMPTIONS: Assumptions = {
  utilisation: 0.6,
  databaseCores: 64,
  logBytesPerSecond: 200e6,
  queueMessagesPerSecond: 15_000,
  eventsPerStep: 1,
  stepsPerProcess: 10,
  partBytes: 100e9,
};

/** Asked for. */
export interface Target {
  readonly stepsPerSecond: number;
  /** That are kept at a time, running and ended. */
  readonly processes: number;
}

export interface Need {
  readonly target: Target;
  /** Whole processors by component, at the planned utilisation. */
  readonly cores: Readonly<Record<Component, number>>;
  /** A Node process uses one processor, so these are processes; at least two of each. */
  readonly replicas: Readonly<Record<'gateway' | 'engine' | 'auth' | 'notifier', number>>;
  readonly logBytesPerSecond: number;
  readonly rowsPerSecond: number;
  readonly diskBytes: number;
  /** Of the table of events. */
  readonly parts: number;
  /** That the events would have to be split over; an installation has one. */
  readonly eventQueues: number;
  /** What the target is beyond, the narrowest first. */
  readonly exceeded: readonly Limit[];
  /** Among which tenants would have to be divided for each to stay within every limit. */
  readonly installations: number;
}

/** Where more machines do not help. */
export interface Limit {
  readonly name: string;
  /** Steps per second of one installation. */
  readonly stepsPerSecond: number;
  readonly why: string;
}

/**
 * What bounds one installation whatever is added to it, the narrowest first.
 * @returns limits whose cost was not measured (NaN) are left out
 */
export function limitsOf({ processorUs, logBytesPerStep }: Costs, stated: Assumptions): Limit[] {
  const limits: Limit[] = [
    {
      name: 'the notifier that reads the events',
      stepsPerSecond: (stated.utilisation * 1e6) / processorUs.notifier,
      why: 'a queue has one active consumer, which is one process',
    },
    {
      name: 'the queue of the events',
      stepsPerSecond: stated.queueMessagesPerSecond / stated.eventsPerStep,
      why: 'every event goes through one quorum queue, in order',
    },
    {
      name: "Postgres's log",
      stepsPerSecond: stated.logBytesPerSecond / logBytesPerStep,
      why: 'all processes are in one database, which has one log',
    },
    {
      name: "Postgres's processors",
      stepsPerSecond: (stated.databaseCores * stated.utilisation * 1e6) / processorUs.postgres,
      why: 'all processes are in one database, on one server',
    },
  ];
  return limits
    .filter(({ stepsPerSecond }) => !Number.isNaN(stepsPerSecond))
    .sort((one, other) => one.stepsPerSecond - other.stepsPerSecond);
}

/** @returns steps per second of one process: each waits for the one before to be committed */
export const limitOfProcess = ({ aloneMs }: Costs): number => 1000 / aloneMs;

/** What a target needs. */
export function needOf(costs: Costs, target: Target, stated: Assumptions): Need {
  const { stepsPerSecond, processes } = target;
  const coresOf = (component: Component): number =>
    Math.ceil((stepsPerSecond * costs.processorUs[component]) / 1e6 / stated.utilisation);
  const cores = Object.fromEntries(COMPONENTS.map((name) => [name, coresOf(name)])) as Record<Component, number>;
  const exceeded = limitsOf(costs, stated).filter((limit) => limit.stepsPerSecond < stepsPerSecond);
  const events = processes * stated.stepsPerProcess * costs.bytesPerStep;
  return {
    target,
    cores,
    replicas: {
      gateway: Math.max(2, cores.gateway),
      engine: Math.max(2, cores.engine),
      auth: Math.max(2, cores.auth),
      notifier: Math.max(2, cores.notifier),
    },
    logBytesPerSecond: stepsPerSecond * costs.logBytesPerStep,
    rowsPerSecond: stepsPerSecond * costs.rowsPerStep,
    diskBytes: processes * costs.bytesPerProcess + events,
    parts: Math.max(1, Math.ceil(events / stated.partBytes)),
    eventQueues: Math.max(1, Math.ceil((stepsPerSecond * stated.eventsPerStep) / stated.queueMessagesPerSecond)),
    exceeded,
    installations: Math.ceil(stepsPerSecond / Math.min(stepsPerSecond, exceeded[0]?.stepsPerSecond ?? Infinity)),
  };
}
