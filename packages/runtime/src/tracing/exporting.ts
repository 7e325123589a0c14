import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { Logger } from '../log.js';
import { traceWith } from './traced.js';

/**
 * Sends the spans of this process to a collector, by OTLP over HTTP. The SDK is loaded only here: without an endpoint tracing
 * costs neither memory nor time. It reads its own standard variables beside (`OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS` …).
 * @param endpoint base address of the collector, such as `http://localhost:4318`
 * @returns sends what is left and ends it
 */
export async function startTracing(service: string, endpoint: string, log: Logger): Promise<() => Promise<void>> {
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { defaultResource, resourceFromAttributes } = await import('@opentelemetry/resources');
  const warn = (message: string): void => log.warn({ telemetry: message.slice(0, 500) }, 'traces cannot be sent');
  const quiet = (): void => undefined;
  diag.setLogger(
    { error: warn, warn, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': `handover-${service}` })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  traceWith(provider);
  return async () => {
    traceWith(undefined);
    await provider.shutdown();
  };
}
