/** Requests within what their client may ask for, others answered 429; searches and whatever takes long cost more. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { anybody } from '../access/principal.ts'
import { type Problem, throttled } from '../base/problem.ts'
import { createRequestLimits, type RequestLimits, type Spending } from './request-limits.ts'

/** Units a second, 0 for no limit: of a client with a token, and of an address that has shown none. */
export type RateLimits = { readonly clients: number; readonly strangers: number }

export type Limiter = {
  /** The refusal, or nothing; sets the headers that tell the client how it stands. */
  admit(request: FastifyRequest, reply: FastifyReply): Problem | undefined
  /** To be called when the answer is out, with the ms it took. */
  settle(request: FastifyRequest, reply: FastifyReply, ms: number): void
  spent(): Spending
  learn(spending: Spending): void
}

/** Units of an interaction before it is known what it takes; one for all others. */
const costs: Readonly<Record<string, number>> = {
  create: 2,
  update: 2,
  patch: 2,
  delete: 2,
  batch: 5,
  operation: 5,
  'search-type': 3,
  'search-system': 5,
  'history-type': 3,
  'history-system': 5,
}

/** Ms that cost a unit, after the first ones. */
const msPerUnit = 20

/** Units of a token that was not accepted: who guesses is stopped soon. */
const wrongToken = 20

export const createLimiter = ({ clients, strangers }: RateLimits): Limiter => {
  const known = createRequestLimits({ rate: clients })
  const unknown = createRequestLimits({ rate: strangers })
  const limitsOf = (client: string): RequestLimits => (client.startsWith(byAddress) ? unknown : known)
  return {
    admit: (request, reply) => {
      const client = clientOf(request)
      if (client === undefined) return undefined
      const cost = costs[request.place.interaction] ?? 1
      const standing = limitsOf(client).take(client, cost, performance.now())
      if (standing === undefined) return undefined
      reply.header('ratelimit-limit', standing.limit)
      reply.header('ratelimit-remaining', standing.remaining)
      reply.header('ratelimit-reset', standing.reset)
      return standing.allowed ? undefined : tooMany(standing.wait)
    },
    settle: (request, reply, ms) => {
      const client = clientOf(request)
      const status = reply.statusCode
      if (client === undefined || status === 429 || !reply.hasHeader('ratelimit-limit')) return
      const extra = Math.floor(ms / msPerUnit) + (status === 401 ? wrongToken : 0)
      if (extra > 0) limitsOf(client).charge(client, extra, performance.now())
    },
    spent: () => [...known.spent(), ...unknown.spent()],
    learn: (spending) => {
      const now = performance.now()
      for (const one of spending) limitsOf(one[0]).learn([one], now)
    },
  }
}

const byAddress = 'address '

/** The application and, where there is one, the person; an address as long as nobody has said who asks. */
const clientOf = ({ ctx }: FastifyRequest): string | undefined => {
  const { who } = ctx
  if (who.kind === 'internal') return undefined
  if (who === anybody) return byAddress + network(ctx.address ?? '')
  return `${ctx.tenant} ${who.client ?? ''} ${who.id}`
}

/** Whoever has an IPv6 address has a whole network of them. */
const network = (address: string): string => {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = ''] = address.split('::')
  return head.split(':').slice(0, 4).join(':')
}

const tooMany = (wait: number): Problem =>
  throttled(
    `This client asks for more than it may at the moment. Wait ${wait} s, then ask more slowly.`,
    wait,
  )
