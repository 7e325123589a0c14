/** Seconds, for what takes between a tenth of a millisecond and ten seconds. */
const DURATIONS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds, for what is late by nothing or by hours. */
const DELAYS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 1_800, 7_200, 86_400];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

type Service = 'gateway' | 'engine' | 'auth' | 'notifier';
const EVERY: readonly Service[] = ['gateway', 'engine', 'auth', 'notifier'];

interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Services that have it. */
  readonly services: readonly Service[];
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

/**
 * Every metric of our own: dashboards and alerts are written against these names, so they change only with a line in the
 * changelog. Durations are seconds. No label takes a value that a user chooses.
 */
export const METRICS = {
  handover_http_requests_total: {
    kind: 'counter',
    help: 'HTTP requests by method, route pattern and status',
    services: ['gateway'],
    labels: ['method', 'route', 'status'],
  },
  handover_http_request_seconds: {
    kind: 'histogram',
    help: 'Time from the request to the end of its answer',
    services: ['gateway'],
    labels: ['method', 'route'],
    buckets: DURATIONS,
  },
  handover_token_exchanges_total: {
    kind: 'counter',
    help: 'Bearer tokens looked up, by where the principal came from (cache or auth) or that there was none (refused)',
    services: ['gateway'],
    labels: ['outcome'],
  },
  handover_requests_total: {
    kind: 'counter',
    help: 'Requests and commands answered over the bus, by type and outcome (ok or the error code)',
    services: ['engine', 'auth', 'notifier'],
    labels: ['type', 'outcome'],
  },
  handover_request_seconds: {
    kind: 'histogram',
    help: 'Time a request over the bus took, waiting for its batch included',
    services: ['engine', 'auth', 'notifier'],
    labels: ['type'],
    buckets: DURATIONS,
  },
  handover_batch_commands: {
    kind: 'histogram',
    help: 'Commands that shared one transaction',
    services: ['engine'],
    labels: [],
    buckets: SIZES,
  },
  handover_commit_seconds: {
    kind: 'histogram',
    help: 'Time of one transaction of the write path, from begin to commit',
    services: ['engine'],
    labels: [],
    buckets: DURATIONS,
  },
  handover_commands_waiting: {
    kind: 'gauge',
    help: 'Commands taken in that are not committed yet',
    services: ['engine'],
    labels: [],
  },
  handover_version_conflicts_total: {
    kind: 'counter',
    help: 'Commands decided again because another replica had changed the process',
    services: ['engine'],
    labels: [],
  },
  handover_outbox_published_total: {
    kind: 'counter',
    help: 'Events and notifications handed over to the bus from the outbox',
    services: ['engine'],
    labels: [],
  },
  handover_outbox_lag_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest event in the outbox; 0 when there is none',
    services: ['engine'],
    labels: [],
  },
  handover_timer_lateness_seconds: {
    kind: 'histogram',
    help: 'How long after its time a timer fired',
    services: ['engine'],
    labels: [],
    buckets: DELAYS,
  },
  handover_incidents_opened_total: {
    kind: 'counter',
    help: 'Incidents opened',
    services: ['engine'],
    labels: [],
  },
  handover_delivery_attempts_total: {
    kind: 'counter',
    help: 'Attempts at deliveries, by kind of target (event: a webhook of events; amqp, zeromq, webhook: a service) and outcome (delivered, retry, failed, gone; lost: another replica took over)',
    services: ['notifier'],
    labels: ['target', 'outcome'],
  },
  handover_delivery_attempt_seconds: {
    kind: 'histogram',
    help: 'Time of one attempt',
    services: ['notifier'],
    labels: ['target'],
    buckets: DURATIONS,
  },
  handover_delivery_lanes: {
    kind: 'gauge',
    help: 'Pairs of a target and a process that have a delivery which is not finished',
    services: ['notifier'],
    labels: [],
  },
  handover_circuits_open: {
    kind: 'gauge',
    help: 'Targets that are left alone for a while because they kept failing',
    services: ['notifier'],
    labels: [],
  },
  handover_database_connections: {
    kind: 'gauge',
    help: 'Connections of the pool, by state (total, idle, waiting: callers without one)',
    services: ['engine', 'auth', 'notifier'],
    labels: ['state'],
  },
  handover_bus_ready: {
    kind: 'gauge',
    help: '1 while messages can flow, else 0',
    services: EVERY,
    labels: [],
  },
} as const satisfies Record<string, Definition>;

export type MetricName = keyof typeof METRICS;
export type MeteredService = Service;
type OfKind<Kind> = { [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never }[MetricName];
export type CounterName = OfKind<'counter'>;
export type GaugeName = OfKind<'gauge'>;
export type HistogramName = OfKind<'histogram'>;
/** Gauges without labels. */
export type PlainGaugeName = {
  [Name in GaugeName]: (typeof METRICS)[Name]['labels'] extends readonly [] ? Name : never;
}[GaugeName];
export type LabelsOf<Name extends MetricName> = Record<(typeof METRICS)[Name]['labels'][number], string>;
