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
import { currentContext, withContext } from '../context.js';

/** What work can say about its own span. */
export interface OwnSpan {
  rename(name: string): void;
  note(attributes: Attributes): void;
  /** @param code of the error catalogue, or an HTTP status */
  fail(code: string): void;
}

export interface SpanOptions {
  readonly kind?: keyof typeof KINDS;
  /** What caused it, as W3C `traceparent`; when the member is absent, the work at hand. */
  readonly parent?: string | undefined;
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
 * Does work within a span; whatever is sent for it names the span as its cause ({@link currentContext}`.traceparent`). When no
 * spans are made, the work belongs to the parent, so that a trace passes through.
 * @param work is given its span, when there is one
 */
export function traced<T>(name: string, options: SpanOptions, work: (own?: OwnSpan) => Promise<T>): Promise<T> {
  const here = currentContext().traceparent;
  const parent = 'parent' in options ? options.parent : here;
  if (!tracer) return parent === here ? work() : withContext({ traceparent: parent }, () => work());
  const { kind = 'internal', links = [], attributes = {} } = options;
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
  return withContext({ traceparent: traceparentOf(span.spanContext()) }, () => within(span, work));
}

async function within<T>(span: Span, work: (own?: OwnSpan) => Promise<T>): Promise<T> {
  const fail = (code: string): void => {
    span.setAttribute('error.type', code);
    span.setStatus({ code: SpanStatusCode.ERROR });
  };
  const own = {
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
