import { SpanKind } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { traceWith } from '@handover/runtime';
import { eventually, startReceiver, type ReceivedRequest, type Receiver } from '@handover/testkit';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownBroker, type Broker } from './src/broker.js';
import { startInProcess, type InProcess } from './src/in-process.js';

/** A person submits, a service checks and says so, and that is the end. */
const CHECKED = `
title: Checked by a service
actors: { author: ~ }
actions:
  submit: { actor: author }
  check: { actor: service:clerk, update: result }
states:
  initial:
    on: submit
    goto: submitted
  submitted:
    notify: { service: clerk, trigger: check }
    transitions:
      - { on: check, by: service:clerk, goto: (checked) }
`;

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

/** A trace as somebody outside begins it. */
function begin() {
  const [trace, span] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { trace, span, traceparent: `00-${trace}-${span}-01` };
}

const spanOf = (id: string | undefined): ReadableSpan | undefined =>
  exporter.getFinishedSpans().find((span) => span.spanContext().spanId === id);

const idIn = ({ headers }: ReceivedRequest): string => headers.traceparent?.split('-')[2] ?? '';

/** The spans from one up to the first that nobody here made, each with its kind. */
function upwards(id: string): string[] {
  const span = spanOf(id);
  if (!span) return [id];
  const name = `${SpanKind[span.kind].toLowerCase()} ${span.name}`;
  return [name, ...upwards(span.parentSpanContext?.spanId ?? 'the beginning')];
}

describe.each(['ZeroMQ', 'RabbitMQ'])('a trace, over %s', (bus) => {
  let broker: Broker | undefined;
  let platform: InProcess;
  let receiver: Receiver;
  let token: string;
  let scenario: string;

  beforeAll(async () => {
    broker = bus === 'RabbitMQ' ? await ownBroker() : undefined;
    const { AMQP_URL: url = '', AMQP_PREFIX: prefix = '' } = broker?.env ?? {};
    platform = await startInProcess(broker ? { amqp: { url, prefix } } : {});
    receiver = await startReceiver();
    receiver.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"verdict":"fine"}' });
    token = await platform.jwt({ id: 'ann', roles: ['admin'], tenant: 'acme' });
    await call('PUT', '/services/clerk', { provider: 'webhook', url: `${receiver.url}/clerk` });
    await call('POST', '/webhooks', { url: `${receiver.url}/completions`, events: ['process.completed'] });
    const stored = await platform.call('POST', '/scenarios', {
      token,
      body: CHECKED,
      headers: { 'content-type': 'application/yaml' },
    });
    scenario = ((await stored.json()) as { id: string }).id;
  });
  afterEach(() => {
    traceWith(undefined);
    exporter.reset();
  });
  afterAll(async () => {
    await receiver.close();
    await platform.stop();
    await broker?.remove();
  });

  async function call(method: string, path: string, json?: unknown, traceparent?: string): Promise<{ id: string }> {
    const answer = await platform.call(method, path, {
      token,
      ...(json !== undefined && { json }),
      ...(traceparent !== undefined && { headers: { traceparent } }),
    });
    const text = await answer.text();
    expect(answer.status, `${method} ${path}: ${text}`).toBeLessThan(300);
    return (text === '' ? {} : JSON.parse(text)) as { id: string };
  }

  const start = async (): Promise<string> =>
    (await call('POST', '/processes', { scenario, actors: { author: { id: 'ann' } } })).id;
  const arrival = (path: string, process: string) =>
    receiver.requestThat((request) => request.path === path && request.body.includes(process), 20_000);

  it('goes from the request over engine, outbox and notifier to the service, and with its answer to the webhook', async () => {
    const process = await start();
    traceWith(provider);
    const caller = begin();
    await call('POST', `/processes/${process}/submit`, undefined, caller.traceparent);
    const asked = await arrival('/clerk', process);
    const told = await arrival('/completions', process);
    const toService = [
      'client attempt',
      'consumer service.notify.v1',
      'producer outbox',
      'server process.step.v1',
      'client process.step.v1',
      'server POST /processes/:id/:action',
      caller.span,
    ];
    const toWebhook = [
      'client attempt',
      'consumer process.completed.v1',
      'producer outbox',
      'server notification.reply.v1',
      'client notification.reply.v1',
      ...toService.slice(1),
    ];
    // A span is there when it has ended: an attempt with the receiver's answer, and what made it once that is recorded.
    await eventually(() => expect([upwards(idIn(asked)), upwards(idIn(told))]).toEqual([toService, toWebhook]));
    for (const { headers } of [asked, told]) expect(headers.traceparent).toContain(caller.trace);
  });

  it('of each command is linked from the batch that they share', async () => {
    traceWith(provider);
    const shared = await eventually(
      async () => {
        const callers = Array.from({ length: 8 }, begin);
        await Promise.all(
          callers.map(({ traceparent }) =>
            call('POST', '/processes', { scenario, actors: { author: { id: 'ann' } } }, traceparent),
          ),
        );
        const batch = exporter.getFinishedSpans().find(({ name, links }) => name === 'batch' && links.length > 1);
        expect(batch).toBeDefined();
        return { batch, traces: new Set(callers.map(({ trace }) => trace)) };
      },
      { withinMs: 20_000 },
    );
    const { batch, traces } = shared;
    const links = batch?.links.map(({ context }) => context) ?? [];
    expect(batch?.attributes['handover.batch.commands']).toBe(links.length);
    expect(new Set(links.map(({ traceId }) => traceId)).size).toBe(links.length);
    for (const { traceId, spanId } of links) {
      expect(traces.has(traceId)).toBe(true);
      expect(spanOf(spanId)?.name).toBe('process.start.v1');
    }
  });

  it('passes through a platform that makes no spans', async () => {
    const process = await start();
    const caller = begin();
    await call('POST', `/processes/${process}/submit`, undefined, caller.traceparent);
    expect((await arrival('/clerk', process)).headers.traceparent).toBe(caller.traceparent);
    expect((await arrival('/completions', process)).headers.traceparent).toBe(caller.traceparent);
    const spans = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === caller.trace);
    expect(spans).toEqual([]);
  });
});
