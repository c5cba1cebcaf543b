/** For orchestrators and monitoring: alive, ready, metrics; and a word for people who open the root in a browser. */
import type { FastifyInstance } from 'fastify'
import { metricsContentType } from './metrics.ts'

export type HealthDeps = {
  /** What is missing before requests can be served, as sentences; empty when ready. */
  readonly ready: () => Promise<readonly string[]>
  /** The metrics of all processes. */
  readonly exposition: () => Promise<string>
}

/** Adds `/health/live`, `/health/ready`, `/metrics` and `/`. */
export const health = (server: FastifyInstance, { ready, exposition }: HealthDeps): void => {
  server.get('/health/live', () => ({ status: 'live' }))
  server.get('/health/ready', async (_request, reply) => {
    const missing = await ready()
    if (missing.length === 0) return { status: 'ready' }
    return reply.code(503).header('retry-after', 5).send({ status: 'not ready', because: missing })
  })
  server.get('/metrics', async (_request, reply) => reply.type(metricsContentType).send(await exposition()))
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(welcome))
}

const welcome = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Lamplight</title>
<h1>Lamplight</h1>
<p>This is a FHIR R4 server. Its API begins at <a href="/fhir/metadata">/fhir/metadata</a>, which says all it can do; <a href="/docs">/docs</a> describes it.</p>
<p>For operators: <a href="/health/ready">/health/ready</a>, <a href="/metrics">/metrics</a>.</p>
</html>
`
