/** One round of `_include` and `_revinclude` as one statement. http://hl7.org/fhir/R4/search.html#revinclude */
import { idKey } from '../base/id.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { resourceTypes, typeName, typeNumber } from '../fhir/resource-types.ts'
import type { Extractor } from './extract.ts'
import { guardFilter } from './guard-sql.ts'
import { hashToken } from './hash.ts'
import type { Include } from './include.ts'
import type { LinkWalkers, Target } from './link-walker.ts'
import type { Row } from './page.ts'
import type { Guard } from './reach.ts'
import { smallContent } from './row-sql.ts'
import { collectInto, type Statement, statement } from './statement.ts'

/** What the round starts from. `limit` rows are brought at most; `isFirst` for the matches themselves. */
export type Round = {
  readonly tenant: number
  readonly base: string
  readonly includes: readonly Include[]
  readonly found: readonly Row[]
  readonly isFirst: boolean
  readonly limit: number
  /** What whoever asks may see; everything without it. */
  readonly guard?: Guard
}

type Room = { readonly extractor: Extractor; readonly walkers: LinkWalkers }

/** What a round looks up: resources by key, and by the hashes of their tokens. */
type Wanted = { readonly targets: Map<string, Target>; readonly tokens: Set<string> }

/** The statement whose rows (`Row`) come along with `found`; undefined when there is nothing to look up. */
export const includeStatement = (room: Room, round: Round): Statement | undefined => {
  const wanted: Wanted = { targets: new Map(), tokens: new Set() }
  const applied = round.includes.filter(({ iterate }) => round.isFirst || iterate)
  for (const row of round.found) {
    const type = typeName(row.type) ?? ''
    const forward = applied.filter((i) => i.direction === 'include' && (i.source ?? type) === type)
    if (forward.length > 0) addTargets(room, round, forward, type, row, wanted)
    for (const one of applied)
      if (one.direction === 'revinclude' && (one.target ?? type) === type)
        addReferrers(room, one, type, row.fhir_id ?? row.id, wanted)
  }
  return compose(round, wanted)
}

const referenceParameters = ({ extractor }: Room, type: string, code: string | undefined) =>
  [...extractor.indexed(type).values()].filter(
    ({ definition }) => definition.type === 'reference' && (code ?? definition.code) === definition.code,
  )

const addTargets = (
  room: Room,
  { base }: Round,
  includes: readonly Include[],
  type: string,
  row: Row,
  { targets, tokens }: Wanted,
): void => {
  const resource = JSON.parse(row.content) as JsonObject
  for (const { code, target } of includes)
    for (const { definition, targets: allowed } of referenceParameters(room, type, code)) {
      const links = room.walkers.links(type, definition, resource, base)
      for (const one of links.targets)
        if ((target ?? one.type) === one.type) targets.set(`${one.type}/${one.id}/${one.version ?? ''}`, one)
      for (const url of links.canonicals)
        for (const to of target === undefined ? allowed : [target]) addCanonical(tokens, to, url)
    }
}

/** A canonical without version is any version of it; what it names is found by the parameter `url`. */
const addCanonical = (tokens: Set<string>, type: string, canonical: string): void => {
  tokens.add(`${type}.url|${canonical}`)
}

const addReferrers = (
  room: Room,
  { source, code }: Include,
  target: string,
  id: string,
  { tokens }: Wanted,
): void => {
  for (const type of source === undefined ? resourceTypes : [source])
    for (const { prefix, targets } of referenceParameters(room, type, code))
      if (targets.length === 0 || targets.includes(target)) tokens.add(`${prefix}${target}/${id}`)
}

const columns = 'r.type, r.id, r.fhir_id, r.version, r.last_updated'

/** Parameters 2 and 3 are the keys; `offset 0` keeps the planner from turning the lookups around. `met` is a further condition on a current row `r`. */
const textOf = (met: string): string => {
  const currentByKey = `select ${columns} from unnest($2::smallint[], $3::uuid[]) k(type, id) cross join lateral (select ${columns} from resource r where r.tenant = $1::int and r.type = k.type and r.id = k.id${met} offset 0) r`
  // An earlier version is what it was: whoever sees a part sees what is current.
  const isSeen =
    met === ''
      ? ''
      : ` and exists (select from resource r where r.tenant = $1::int and r.type = k.type and r.id = k.id and r.version = k.version${met})`
  const byVersion = `select ${columns} from unnest($4::smallint[], $5::uuid[], $6::int[]) k(type, id, version) cross join lateral (select ${columns} from resource_version r where r.tenant = $1::int and r.type = k.type and r.id = k.id and r.version = k.version and r.content is not null${isSeen} offset 0) r`
  // The tenant is part of the hash; compared as a sum it cannot tempt the planner away from the index of tokens.
  const byToken = `select ${columns} from unnest($7::bigint[]) k(token) cross join lateral (select ${columns} from resource r where r.tokens @> array[k.token] and r.tenant + 0 = $1::int${met} limit $8::int offset 0) r`
  return `select r.type, r.id, r.fhir_id, r.version, (extract(epoch from r.last_updated) * 1000)::float8 as last_updated, ${smallContent} from (select ${columns} from (${currentByKey} union ${byVersion} union ${byToken}) r limit $8::int) r`
}

const text = textOf('')

const compose = ({ tenant, limit, guard }: Round, { targets, tokens }: Wanted): Statement | undefined => {
  if (targets.size === 0 && tokens.size === 0) return undefined
  const all = [...targets.values()]
  const current = all.filter(({ version }) => version === undefined)
  const versions = all.filter(({ version }) => version !== undefined)
  const list = [
    tenant,
    current.map(({ type }) => typeNumber(type)),
    current.map(({ id }) => idKey(id)),
    versions.map(({ type }) => typeNumber(type)),
    versions.map(({ id }) => idKey(id)),
    versions.map(({ version }) => version),
    [...tokens].map((token) => hashToken(tenant, token)),
    limit,
  ]
  if (!guard) return statement(text, list)
  const values = collectInto(list)
  const met = guardFilter(tenant, typesIn(current, versions, tokens), guard, values)
  return statement(values.with(textOf(` and ${met}`)), values.list)
}

/** The types that may come along. A token tells the type that it is written for. */
const typesIn = (
  current: readonly Target[],
  versions: readonly Target[],
  tokens: ReadonlySet<string>,
): readonly string[] => [
  ...new Set([
    ...current.map(({ type }) => type),
    ...versions.map(({ type }) => type),
    ...[...tokens].map((token) => token.slice(0, token.indexOf('.'))),
  ]),
]
