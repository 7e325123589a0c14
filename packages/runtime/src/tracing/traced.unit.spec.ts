import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { HandoverError } from '@handover/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { readTraceparent, traceWith, traced } from './traced.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function spans() {
  const exporter = new InMemorySpanExporter();
  traceWith(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  return exporter;
}

afterEach(() => traceWith(undefined));

describe('work that is traced', () => {
  it('is a span below its cause, and the cause of what it does', async () => {
    const made = spans();
    await traced('outer', { parent: PARENT }, ({ traceparent }) =>
      traced('inner', { parent: traceparent }, async () => undefined),
    );
    const [inner, outer] = made.getFinishedSpans();
    expect(outer?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(inner?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('begins a trace when it has no cause', async () => {
    const made = spans();
    await traced('alone', { parent: undefined }, async () => undefined);
    expect(made.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined();
  });

  it('shows why it failed by a code, never by what the error says', async () => {
    const made = spans();
    const failing = (error: Error) =>
      traced('failing', { parent: undefined }, () => Promise.reject(error)).catch(() => undefined);
    await failing(new HandoverError('not_found', 'secret'));
    await failing(new Error('secret'));
    const found = made.getFinishedSpans();
    expect(found.map(({ attributes }) => attributes['error.type'])).toEqual(['not_found', 'internal']);
    expect(JSON.stringify(found.map(({ status, events }) => [status, events]))).not.toContain('secret');
  });

  it('is not sampled when its cause is not', async () => {
    const made = spans();
    const unsampled = PARENT.replace(/1$/, '0');
    const passedOn = await traced('quiet', { parent: unsampled }, async ({ traceparent }) => traceparent);
    expect(made.getFinishedSpans()).toEqual([]);
    expect(passedOn).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-.*-00$/);
  });
});

describe('without a tracer', () => {
  it('the cause is passed on as it came', async () => {
    const passedOn = await traced('nothing', { parent: PARENT }, async (own) => {
      own.rename('something');
      own.fail('internal');
      return own.traceparent;
    });
    expect(passedOn).toBe(PARENT);
  });
});

it.each([
  '',
  'nonsense',
  PARENT.toUpperCase(),
  `${PARENT}-more`,
  PARENT.replace(/^00/, 'ff'),
  PARENT.replace(/-b7.*-/, `-${'0'.repeat(16)}-`),
])('a traceparent from outside that is none is dropped: %s', (text) => expect(readTraceparent(text)).toBeUndefined());
