import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanContext,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { HandoverError } from '@handover/contracts';

/** The span of a piece of work: what it can say about it, and what it passes on. Without a tracer nobody listens. */
export interface OwnSpan {
  /** What is sent for this work names it as its cause: the span, or without one whatever caused the work. W3C `traceparent`. */
  readonly traceparent: string | undefined;
  rename(name: string): void;
  note(attributes: Attributes): void;
  /** @param code of the error catalogue, or an HTTP status */
  fail(code: string): void;
}

export interface SpanOptions {
  readonly kind?: keyof typeof KINDS;
  /** What caused it, as W3C `traceparent`; undefined: nothing, it begins a trace. */
  readonly parent: string | undefined;
  /** What else caused it, as W3C `traceparent`. */
  readonly links?: readonly string[];
  readonly attributes?: Attributes;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  /** Answers somebody who waits. */
  server: SpanKind.SERVER,
  /** Waits for an answer. */
  client: SpanKind.CLIENT,
  /** Hands something over to a queue. */
  producer: SpanKind.PRODUCER,
  /** Takes something from a queue. */
  consumer: SpanKind.CONSUMER,
} as const;

const TRACEPARENT = /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/;

let tracer: Tracer | undefined;

/** From now on spans are made by this provider; undefined: none are. */
export function traceWith(provider: TracerProvider | undefined): void {
  tracer = provider?.getTracer('handover');
}

/** Whether spans are made. */
export const isTracing = (): boolean => tracer !== undefined;

/** What came from outside, if it is a `traceparent` that can be passed on. */
export const readTraceparent = (text: string | undefined): string | undefined =>
  text !== undefined && TRACEPARENT.test(text) ? text : undefined;

/**
 * Does work within a span. Where no spans are made, the work is as good as its cause, so that a trace passes through. The span
 * is an argument and no ambient state: that would have every promise of the process tracked, for an eighth of a step's time.
 */
export function traced<T>(name: string, options: SpanOptions, work: (own: OwnSpan) => Promise<T>): Promise<T> {
  const { kind = 'internal', parent, links = [], attributes = {} } = options;
  if (!tracer) return work(unheard(parent));
  const cause = spanContextOf(parent);
  const span = tracer.startSpan(
    name,
    {
      kind: KINDS[kind],
      attributes,
      links: links.flatMap((link) => {
        const context = spanContextOf(link);
        return context ? [{ context }] : [];
      }),
    },
    cause ? trace.setSpanContext(ROOT_CONTEXT, cause) : ROOT_CONTEXT,
  );
  return within(span, work);
}

const ignored = (): void => undefined;
const unheard = (traceparent: string | undefined): OwnSpan => ({
  traceparent,
  rename: ignored,
  note: ignored,
  fail: ignored,
});

async function within<T>(span: Span, work: (own: OwnSpan) => Promise<T>): Promise<T> {
  const fail = (code: string): void => {
    span.setAttribute('error.type', code);
    span.setStatus({ code: SpanStatusCode.ERROR });
  };
  const own = {
    traceparent: traceparentOf(span.spanContext()),
    rename: (name: string) => void span.updateName(name),
    note: (attributes: Attributes) => void span.setAttributes(attributes),
    fail,
  };
  try {
    return await work(own);
  } catch (error) {
    // What an error says may be a secret; the log has it.
    fail(error instanceof HandoverError ? error.code : 'internal');
    throw error;
  } finally {
    span.end();
  }
}

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}
