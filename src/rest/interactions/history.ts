/** http://hl7.org/fhir/R4/http.html#history at the levels of an instance, a type and the server. */
import type { Ctx } from '../../access/ctx.ts'
import { isUuid, newId } from '../../base/id.ts'
import { instant } from '../../base/instant.ts'
import { type Issue, issue } from '../../base/issue.ts'
import { invalid, notFound, Problem } from '../../base/problem.ts'
import { type DateInterval, dateInterval } from '../../fhir/date-time.ts'
import type { HistoryCursor, HistoryEntry, HistoryQuery } from '../../store/index.ts'
import { bundleText, type EntryText, type Link } from '../bundle-text.ts'
import type { House } from '../house.ts'
import { fillContents } from '../page-bytes.ts'
import type { Request } from '../request.ts'
import type { Step } from '../step.ts'

type Asked = {
  readonly count: number
  readonly ascending: boolean
  readonly since?: number
  readonly at?: DateInterval
  readonly after?: HistoryCursor
}

const parameters = ['_since', '_at', '_count', '_sort', '_cursor'] as const
type Parameter = (typeof parameters)[number]

const single = (request: Request): Map<Parameter, string> => {
  const found = new Map<Parameter, string>()
  const issues: Issue[] = []
  for (const [name, value] of request.query) {
    const known = parameters.find((p) => p === name)
    if (known === undefined) {
      issues.push(
        issue(
          'not-supported',
          `The parameter ${JSON.stringify(name)} has no meaning for history. It takes _since, _at, _count and _sort.`,
          `http.${name}`,
        ),
      )
    } else if (found.has(known))
      issues.push(issue('invalid', `The parameter ${known} is repeated; send it once.`, `http.${known}`))
    else found.set(known, value)
  }
  if (issues.length > 0) throw new Problem(400, issues)
  return found
}

const countOf = (house: House, text: string | undefined): number => {
  if (text === undefined) return house.options.defaultCount
  if (!/^[0-9]{1,9}$/.test(text))
    throw invalid(`_count must be a whole number, not ${JSON.stringify(text)}.`, 'http._count')
  return Math.min(Number(text), house.options.maxCount)
}

const ascendingOf = (text: string | undefined): boolean => {
  if (text === undefined || text === '-_lastUpdated') return false
  if (text === '_lastUpdated') return true
  throw invalid(
    `History can be sorted by _lastUpdated or -_lastUpdated, not by ${JSON.stringify(text)}.`,
    'http._sort',
  )
}

/** Dates and instants as intervals of time; `_since` begins where the interval begins. */
const intervalOf = (text: string, name: string): DateInterval => {
  const interval = dateInterval(text)
  if (!interval)
    throw invalid(
      `${name} must be a date or an instant such as 2024-01-31T10:00:00Z, not ${JSON.stringify(text)}.`,
      `http.${name}`,
    )
  return interval
}

/** A moment between two milliseconds lies in the one that has begun. */
const momentOf = ({ from, to }: DateInterval): DateInterval =>
  from === to ? { from: from - 1, to } : { from, to }

const encodeCursor = ({ row }: HistoryEntry): string =>
  Buffer.from(JSON.stringify([row.last_updated, row.tx, row.type, row.id, row.version])).toString('base64url')

/** The end of the year 9999. */
const latest = 253_402_300_799_999

const decodeCursor = (text: string): HistoryCursor => {
  try {
    const [lastUpdated, tx, type, id, version] = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as unknown[]
    const whole = (n: unknown, max: number): n is number =>
      Number.isInteger(n) && (n as number) >= 0 && (n as number) <= max
    if (
      whole(lastUpdated, latest) &&
      typeof tx === 'string' &&
      /^[0-9]{1,18}$/.test(tx) &&
      whole(type, 32_767) &&
      whole(version, 2 ** 31 - 1) &&
      typeof id === 'string' &&
      isUuid(id)
    )
      return { lastUpdated, tx, type, id, version }
  } catch {
    // Falls through to the refusal.
  }
  throw invalid('_cursor is not one that this server made; start again from the first page.', 'http._cursor')
}

const asked = (house: House, request: Request): Asked => {
  const given = single(request)
  const since = given.get('_since')
  const at = given.get('_at')
  const cursor = given.get('_cursor')
  return {
    count: countOf(house, given.get('_count')),
    ascending: ascendingOf(given.get('_sort')),
    ...(since === undefined ? {} : { since: intervalOf(since, '_since').from }),
    ...(at === undefined ? {} : { at: momentOf(intervalOf(at, '_at')) }),
    ...(cursor === undefined ? {} : { after: decodeCursor(cursor) }),
  }
}

const requestUrl = (entry: HistoryEntry): string =>
  entry.method === 'POST' ? entry.type : `${entry.type}/${entry.id}`

/** The status that the interaction was answered with, as in the response to a Bundle. */
const statusOf = ({ method, version, row }: HistoryEntry): string => {
  if (method === 'DELETE') return '204 No Content'
  return version === 1 || row.revived ? '201 Created' : '200 OK'
}

const entryOf = (ctx: Ctx, entry: HistoryEntry): EntryText => ({
  fullUrl: `${ctx.base}/${entry.type}/${entry.id}`,
  ...(entry.content === null ? {} : { resource: entry.content }),
  request: { method: entry.method, url: requestUrl(entry) },
  response: {
    status: statusOf(entry),
    etag: `W/"${entry.version}"`,
    lastModified: instant(entry.lastUpdated),
  },
})

/** The versions with their contents, as many as may be on a page. A deletion has no content. */
const filled = async (house: House, ctx: Ctx, found: readonly HistoryEntry[]): Promise<HistoryEntry[]> => {
  const rows = found.map((entry) => {
    const { type, id, version } = entry.row
    return { type, id, version, content: entry.method === 'DELETE' ? '' : entry.content, entry }
  })
  const whole = await fillContents(house, ctx, rows, { bytes: house.options.maxPageBytes, first: true })
  return whole.map(({ entry, content }) => ({ ...entry, content: content === '' ? null : content }))
}

const linksOf = (path: string, request: Request, next: HistoryEntry | undefined): Link[] => {
  const pairs = request.query.filter(([name]) => (parameters as readonly string[]).includes(name))
  const url = (query: readonly (readonly [string, string])[]): string => {
    const text = new URLSearchParams(query as [string, string][]).toString()
    return text === '' ? path : `${path}?${text}`
  }
  const first = pairs.filter(([name]) => name !== '_cursor')
  return [
    { relation: 'self', url: url(pairs) },
    { relation: 'first', url: url(first) },
    ...(next ? [{ relation: 'next', url: url([...first, ['_cursor', encodeCursor(next)]]) }] : []),
  ]
}

export const history: Step = async (house, ctx, turn) => {
  const { request } = turn
  const { type, id } = request
  const { count, ...rest } = asked(house, request)
  const query: HistoryQuery = {
    ...rest,
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
    limit: count + 1,
  }
  const found = await house.store.history(ctx.tenant, query)
  if (found.length === 0 && type !== undefined && id !== undefined) {
    const known = await house.store.current(ctx.tenant, { type, id })
    if (!known) throw notFound(`${type}/${id} does not exist and never did.`)
  }
  const page = await filled(house, ctx, found.slice(0, count))
  const path = [ctx.base, type, id, '_history'].filter((part) => part !== undefined).join('/')
  const next = found.length > page.length ? page.at(-1) : undefined
  const head = {
    type: 'history',
    id: newId(ctx.at),
    lastUpdated: instant(ctx.at),
    link: linksOf(path, request, next),
  } as const
  return {
    ...turn,
    reply: {
      status: 200,
      resourceType: 'Bundle',
      body: bundleText(
        head,
        page.map((entry) => entryOf(ctx, entry)),
      ),
    },
  }
}
