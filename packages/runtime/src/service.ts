import { createBus, type Bus } from '@handover/bus';
import { TOPOLOGY } from '@handover/contracts';
import type { z } from 'zod';
import { transport } from './bus-config.js';
import { obeyArguments } from './config-listing.js';
import { loadConfigOrExit, orExit, type commonConfig } from './config.js';
import { listen, operationsApp, type Dependency } from './http.js';
import { createLogger, type Logger } from './log.js';
import type { MeteredService } from './metrics/catalogue.js';
import { createMetrics, type Metrics } from './metrics/metrics.js';
import { startTracing } from './tracing/exporting.js';

/** A service that runs: what it needs to be ready, and how to stop it. */
export interface RunningService {
  /** Public address, for a service that has one. */
  readonly url?: string;
  readonly dependencies: readonly Dependency[];
  /** Finishes or hands back the work in hand and closes what the service opened. Called once. */
  stop(): Promise<void>;
}

export interface ServiceContext<Config> {
  readonly config: Config;
  readonly log: Logger;
  /** Started before the service, stopped after it. */
  readonly bus: Bus;
  readonly metrics: Metrics;
}

/** A service's own variables beside {@link CommonConfig}. */
type ServiceConfig = z.ZodObject<(typeof commonConfig)['shape']>;

export interface ServiceDefinition<Schema extends ServiceConfig> {
  readonly name: MeteredService;
  readonly config: Schema;
  start(context: ServiceContext<z.infer<Schema>>): Promise<RunningService>;
}

/**
 * Runs a service process from start to exit: configuration, logs, bus, operations port, then the service itself; stops in
 * the opposite order on SIGTERM, SIGINT or when the parent that started it is gone, and leaves within STOP_TIMEOUT_MS.
 */
export async function runService<Schema extends ServiceConfig>(definition: ServiceDefinition<Schema>): Promise<void> {
  obeyArguments(`the ${definition.name} service`, definition.config, process.argv.slice(2));
  const config = loadConfigOrExit(definition.config);
  const busConfig = orExit(() => transport(config));
  const log = createLogger(definition.name, config.LOG_LEVEL);
  const metrics = createMetrics(definition.name, { withProcess: true });
  const stack: (() => Promise<void>)[] = [];
  let stopping = false;

  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    const deadline = setTimeout(() => {
      log.error({ timeoutMs: config.STOP_TIMEOUT_MS }, 'did not stop in time, leaving');
      process.exit(1);
    }, config.STOP_TIMEOUT_MS);
    void unwind(stack, log).then(() => {
      clearTimeout(deadline);
      log.info('stopped');
      process.exit(process.exitCode ?? 0);
    });
  };

  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  if (process.connected) process.once('disconnect', () => stop('the launcher is gone'));
  process.on('uncaughtException', (error) => fail(log, error, stop));

  try {
    const collector = config.OTEL_EXPORTER_OTLP_ENDPOINT;
    if (collector !== undefined) stack.push(await startTracing(definition.name, collector, log));
    const bus = createBus({ ...busConfig, service: definition.name, topology: TOPOLOGY, logger: log });
    stack.push(() => bus.stop({ graceMs: config.STOP_TIMEOUT_MS / 2 }));
    metrics.lookUp('handover_bus_ready', () =>
      bus.ready().then(
        () => 1,
        () => 0,
      ),
    );
    await bus.start();
    const service = await definition.start({ config, log, bus, metrics });
    stack.push(() => service.stop());
    const dependencies = [...service.dependencies, { name: 'bus', check: () => bus.ready() }];
    const operations = await listen(operationsApp({ dependencies, isStopping: () => stopping, metrics }).fetch, {
      port: config.OPS_PORT,
      host: config.OPS_HOST,
    });
    stack.push(() => operations.close());
    log.info({ ops: operations.url, ...(service.url && { http: service.url }) }, 'ready');
    process.send?.({ kind: 'ready', addresses: { ops: operations.url, ...(service.url && { http: service.url }) } });
  } catch (error) {
    fail(log, error, stop);
  }
}

function fail(log: Logger, error: unknown, stop: (reason: string) => void): void {
  log.fatal({ err: error }, 'cannot go on');
  process.exitCode = 1;
  stop('failure');
}

/** Stops what was started, last first. A part that fails to stop does not keep the others from it. */
async function unwind(stack: (() => Promise<void>)[], log: Logger): Promise<void> {
  for (const step of stack.reverse()) {
    try {
      await step();
    } catch (error) {
      log.warn({ err: error }, 'a part did not stop cleanly');
    }
  }
}
