import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MeteredService,
  type MetricName,
  type PlainGaugeName,
} from './catalogue.js';

/** The metrics of one service, by the names of the catalogue. One that another service has is silently not counted. */
export interface Metrics {
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** @param value seconds, or a size */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Called before every scrape, for gauges that have to be looked up. Must not throw. */
  onScrape(look: () => void | Promise<void>): void;
  /** Looks a gauge up at every scrape. It is NaN while it cannot be looked up: the others are needed most just then. */
  lookUp(name: PlainGaugeName, look: () => number | Promise<number>): void;
  /** In the Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** A registry of its own for each service, so that several can live in one process. */
export function createMetrics(service: MeteredService, { withProcess = false } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  // Event-loop lag, memory, garbage collection: of the process, so only the service that has one to itself shows them.
  if (withProcess) collectDefaultMetrics({ register: registry });
  const own = new Map<MetricName, Counter | Gauge | Histogram>();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    if (isOf(name, service)) own.set(name, build(name, registry));
  }
  const looks: (() => void | Promise<void>)[] = [];
  const set: Metrics['set'] = (name, labels, value) => (own.get(name) as Gauge | undefined)?.set(labels, value);
  return {
    count: (name, labels, by = 1) => (own.get(name) as Counter | undefined)?.inc(labels, by),
    observe: (name, labels, value) => (own.get(name) as Histogram | undefined)?.observe(labels, value),
    set,
    onScrape: (look) => void looks.push(look),
    lookUp: (name, look) => void looks.push(async () => set(name, {}, await orNaN(look))),
    async text() {
      await Promise.all(looks.map(async (look) => look()));
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/** Shows the connections of a pool, looked up at every scrape. */
export function meterConnections(
  metrics: Metrics | undefined,
  connections: () => Readonly<Record<'total' | 'idle' | 'waiting', number>>,
): void {
  metrics?.onScrape(() => {
    for (const [state, count] of Object.entries(connections())) {
      metrics.set('handover_database_connections', { state }, count);
    }
  });
}

/** Longest that one look may take: a scrape that waits for a pool without connections helps nobody. */
const LOOK_MS = 2_000;

async function orNaN(look: () => number | Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<number>((resolve) => {
    timer = setTimeout(resolve, LOOK_MS, Number.NaN);
  });
  try {
    return await Promise.race([look(), tooLate]);
  } catch {
    return Number.NaN;
  } finally {
    clearTimeout(timer);
  }
}

const isOf = (name: MetricName, service: MeteredService): boolean =>
  (METRICS[name].services as readonly MeteredService[]).includes(service);

function build(name: MetricName, registry: Registry): Counter | Gauge | Histogram {
  const { kind, help, labels } = METRICS[name];
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'counter') return new Counter(options);
  if (kind === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, buckets: [...METRICS[name as HistogramName].buckets] });
}
