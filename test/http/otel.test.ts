import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createTraces } from '../../src/http/otel.ts'
import { fakeRest, ok, serverWith } from './fake-rest.ts'

type Attribute = { key: string; value: { stringValue?: string; intValue?: number } }
type Sent = {
  name: string
  traceId: string
  parentSpanId?: string
  kind: number
  status: { code?: number }
  attributes: Attribute[]
}

/** A collector that speaks OTLP over HTTP in JSON. */
const startCollector = async () => {
  const spans: Sent[] = []
  const services: (string | undefined)[] = []
  const collector = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    for (const { resource, scopeSpans } of body.resourceSpans) {
      services.push(resource.attributes.find((a: Attribute) => a.key === 'service.name')?.value.stringValue)
      for (const scope of scopeSpans) spans.push(...scope.spans)
    }
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  t.teardown(() => collector.close())
  return { spans, services, url: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` }
}

t.test('a span for each request, under the span of the caller', async (t) => {
  const { spans, services, url } = await startCollector()
  const traces = createTraces(url, 'ward-3')
  const rest = fakeRest((request) => {
    if (request.id === 'broken') throw new Error('broken')
    return ok
  })
  const server = serverWith(rest, { traces })
  const base = await server.listen({ host: '127.0.0.1', port: 0 })
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const get = (path: string, headers = {}) => fetch(`${base}${path}`, { headers })
  await get('/fhir/Patient/p1?name=Miller', { traceparent })
  const own = await get('/fhir/Patient/broken')
  await get('/fhir/Patient/p1', { traceparent: traceparent.replace(/1$/, '0') })
  await server.close()
  await traces.close()
  t.strictSame(services, ['ward-3'])
  t.equal(spans.length, 2, 'what the caller does not record is not recorded here')
  t.match(spans[0], {
    name: 'GET /fhir/:type/:id',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentSpanId: '00f067aa0ba902b7',
    kind: 2,
  })
  t.match(spans[1], { traceId: own.headers.get('x-request-id'), status: { code: 2 } })
  t.match(
    spans[0]!.attributes.find((a) => a.key === 'fhir.interaction'),
    { value: { stringValue: 'read' } },
  )
  t.notMatch(JSON.stringify(spans), /Miller|p1/)
})
