/** A `Rest` that keeps what it was asked and answers what a test tells it to; the rest of the edge is real. */
import type { FastifyInstance } from 'fastify'
import { unrestricted } from '../../src/access/access.ts'
import type { Ctx } from '../../src/access/ctx.ts'
import { internal } from '../../src/access/principal.ts'
import { createLog } from '../../src/base/log.ts'
import type { Definitions } from '../../src/fhir/definitions/model.ts'
import { createXml } from '../../src/fhir/xml/xml.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { createServer, type HttpDeps } from '../../src/http/server.ts'
import type { Reply, Request, Rest } from '../../src/rest/index.ts'

export type FakeRest = Rest & {
  /** The requests so far, in order. */
  readonly seen: Request[]
  readonly contexts: Ctx[]
  reply: Reply | ((request: Request, ctx: Ctx) => Reply | Promise<Reply>)
}

export const patient = '{"resourceType":"Patient","id":"p1","active":true}'

export const ok: Reply = {
  status: 200,
  body: [patient],
  resourceType: 'Patient',
  versionId: '3',
  lastModified: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
}

/** Enough to write refusals in XML; a test that is about XML brings its own. */
const definitions = { types: new Map() } as unknown as Definitions

export const fakeRest = (reply: FakeRest['reply'] = ok): FakeRest => {
  const fake: FakeRest = {
    seen: [],
    contexts: [],
    reply,
    async perform(ctx, request) {
      fake.seen.push(request)
      fake.contexts.push(ctx)
      return typeof fake.reply === 'function' ? fake.reply(request, ctx) : fake.reply
    },
  }
  return fake
}

/** Only what a test is about needs to be given. */
export const serverWith = (rest: Rest, changes: Partial<HttpDeps> = {}): FastifyInstance => {
  const metrics = changes.metrics ?? createMetrics()
  return createServer({
    rest,
    xml: createXml(definitions),
    openApi: () => '{}',
    authenticate: () => ({ who: internal, access: unrestricted }),
    log: createLog('silent'),
    metrics,
    limits: {
      body: 50_000,
      headers: 16_384,
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      keepAlive: 5_000,
      memory: 1_000_000,
      answerTimeout: 5_000,
    },
    tenants: { byName: () => undefined, byHost: () => undefined, learn: async () => {} },
    tenancy: 'path',
    trustProxy: false,
    corsOrigins: [],
    stopped: new AbortController().signal,
    ready: async () => [],
    exposition: () => metrics.text(),
    ...changes,
  })
}
