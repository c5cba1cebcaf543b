/** A span for each request, sent over OTLP/HTTP: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
import { randomBytes } from 'node:crypto'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { HttpContext } from './context.ts'
import type { Traces } from './traces.ts'

/** `endpoint` is the collector's base URL without trailing slash. Import this file only when traces are wanted. */
export const createTraces = (endpoint: string, serviceName: string): Traces => {
  // A trace begun here has the id that stands in our logs: the generator hands out what `begin` puts there.
  let traceId = ''
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }))],
    idGenerator: {
      generateTraceId: () => traceId,
      generateSpanId: () => randomBytes(8).toString('hex'),
    },
  })
  const tracer = provider.getTracer('lamplight')
  return {
    begin: (ctx, method) => {
      traceId = ctx.trace
      const attributes = { 'http.request.method': method }
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, callerOf(ctx))
      return {
        end: ({ route, interaction }, status) => {
          span.updateName(`${method} ${route}`)
          span.setAttributes({
            'http.route': route,
            'http.response.status_code': status,
            'fhir.interaction': interaction,
          })
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        },
      }
    },
    close: () => provider.shutdown(),
  }
}

const callerOf = ({ trace: traceId, parentSpan: spanId, sampled }: HttpContext) =>
  spanId === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, {
        traceId,
        spanId,
        traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
        isRemote: true,
      })
