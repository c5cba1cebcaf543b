/** Chained parameters and `_has`: http://hl7.org/fhir/R4/search.html#chaining, #has */
import { type Issue, issue } from '../base/issue.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import { anyToken, every, type Inside, type Link, reverse, some, through } from './algebra.ts'
import { insideSpace, spaceMarker } from './contained.ts'
import type { Extractor, Indexed } from './extract.ts'
import { inSpace } from './inside.ts'
import { beyondChains } from './limits.ts'
import { referenceWriters } from './params/reference.ts'
import type { Restriction } from './params/token.ts'
import type { Filter } from './parse.ts'

/** How many ends of links one parameter may be tried for; shared by its nested ones. */
export type Reach = { left: number }

/** What one parameter may reach: more is no chain that somebody wrote with a purpose. */
export const reach = (): Reach => ({ left: 200 })

/** What a name says. Both have a `rest` that the resource at the other end must meet. */
export type Chain =
  | { readonly kind: 'through'; readonly code: string; readonly type?: string; readonly rest: string }
  | { readonly kind: 'reverse'; readonly type: string; readonly code: string; readonly rest: string }
  | { readonly kind: 'broken' }

const chained = /^([^.:]+)(?::([A-Za-z]+))?\.(.+)$/s
const has = /^_has:([A-Za-z]+):([^.:]+):(.+)$/s

/** `subject:Patient.name:exact` and `_has:Observation:patient:code` taken apart; undefined for other names. */
export const readChain = ({ code, modifier }: Pick<Filter, 'code' | 'modifier'>): Chain | undefined => {
  const name = modifier === undefined ? code : `${code}:${modifier}`
  if (code === '_has') {
    const [, type = '', by = '', rest = ''] = has.exec(name) ?? []
    return rest === '' ? { kind: 'broken' } : { kind: 'reverse', type, code: by, rest }
  }
  if (!name.includes('.')) return undefined
  const [, first = '', type, rest = ''] = chained.exec(name) ?? []
  if (rest === '') return { kind: 'broken' }
  return { kind: 'through', code: first, rest, ...(type === undefined ? {} : { type }) }
}

/** Restricts the resource at the other end, which is of the given type. */
type Inner = (type: string, filter: Filter) => Restriction

/** The condition that a chain stands for on resources of a type. */
export const restrictChain = (
  extractor: Extractor,
  chain: Chain,
  filter: Filter,
  context: { readonly type: string; readonly reach: Reach },
  inner: Inner,
): Restriction => {
  if (chain.kind === 'broken') return refuse(filter, 'invalid', form)
  const [code = '', ...rest] = chain.rest.split(':')
  const next: Filter = { code, values: filter.values, source: filter.source }
  const nested = rest.length > 0 ? { ...next, modifier: rest.join(':') } : next
  return chain.kind === 'through'
    ? restrictThrough(extractor, chain, nested, context, inner)
    : restrictReverse(extractor, chain, nested, context, inner)
}

const form =
  'A chain is [parameter]:[type].[parameter], such as subject:Patient.name; a reverse chain is _has:[type]:[reference parameter]:[parameter], such as _has:Observation:patient:code.'

const refuse = (filter: Filter, code: Issue['code'], text: string): { readonly issue: Issue } => ({
  issue: issue(code, text, `http.${filter.source[0]}`),
})

const followable = (indexed: Indexed | undefined): indexed is Indexed =>
  indexed?.definition.type === 'reference' &&
  [...indexed.types].some((type) => referenceWriters[type] === 'reference' || type === 'Resource')

const notFollowable = (extractor: Extractor, filter: Filter, type: string, code: string) => {
  if (extractor.indexed(type).get(code)?.definition.type === 'reference')
    return refuse(
      filter,
      'not-supported',
      `"${code}" of ${type} refers by canonical URL, and chains follow references only: find the URLs first, then search by ${code}=[url],[url].`,
    )
  const known = [...extractor.indexed(type)].filter(([, one]) => followable(one)).map(([name]) => name)
  return refuse(
    filter,
    'not-supported',
    `"${code.slice(0, 64)}" is not a parameter of ${type} that a chain can follow. These are: ${known.join(', ') || 'none'}.`,
  )
}

const tooFar = (filter: Filter): { readonly issue: Issue } =>
  refuse(
    filter,
    'too-costly',
    'This chain can lead to too many types of resources: name the type of each step, as in subject:Patient.organization:Organization.name.',
  )

const restrictThrough = (
  extractor: Extractor,
  chain: Chain & { readonly kind: 'through' },
  filter: Filter,
  { type, reach }: { readonly type: string; readonly reach: Reach },
  inner: Inner,
): Restriction => {
  const indexed = extractor.indexed(type).get(chain.code)
  if (!followable(indexed)) return notFollowable(extractor, filter, type, chain.code)
  const beyond = beyondChains(indexed.definition, filter)
  if (beyond) return { issue: beyond }
  if (chain.type !== undefined && !indexed.targets.includes(chain.type))
    return refuse(
      filter,
      'value',
      `${type}:${chain.code} refers to ${indexed.targets.join(', ')}, and never to ${chain.type.slice(0, 64)}.`,
    )
  const links: Link[] = []
  let refusal: Restriction | undefined
  for (const target of chain.type === undefined ? indexed.targets : [chain.type]) {
    if (--reach.left < 0) return tooFar(filter)
    const found = inner(target, filter)
    if ('issue' in found) refusal ??= found
    else links.push({ prefix: `${indexed.prefix}${target}/`, type: target, where: [found.condition] })
  }
  if (links.length === 0 && refusal) return refusal
  return { condition: through(links, insideOf(indexed.parameter, links)), locks: [] }
}

/** What the links ask of resources of their own, asked of contained ones. */
const insideOf = (parameter: string, links: readonly Link[]): Inside | undefined => {
  const space = insideSpace(parameter)
  const all = links.flatMap(({ type, where }) => inSpace(space, type, every(where)) ?? [])
  const tokens = all.flatMap((one) => (one.kind === 'tokens' ? [one] : []))
  const [first] = tokens
  if (all.length === 0) return undefined
  const where =
    first && tokens.length === all.length
      ? anyToken(
          tokens.flatMap(({ any }) => any),
          first.rank,
        )
      : some(all)
  return { marker: spaceMarker(space), where }
}

const restrictReverse = (
  extractor: Extractor,
  chain: Chain & { readonly kind: 'reverse' },
  filter: Filter,
  { type, reach }: { readonly type: string; readonly reach: Reach },
  inner: Inner,
): Restriction => {
  if (!isResourceType(chain.type))
    return refuse(filter, 'value', `"${chain.type.slice(0, 64)}" is not a resource type of FHIR R4.`)
  const indexed = extractor.indexed(chain.type).get(chain.code)
  if (!followable(indexed)) return notFollowable(extractor, filter, chain.type, chain.code)
  if (!indexed.targets.includes(type))
    return refuse(
      filter,
      'value',
      `${chain.type}:${chain.code} refers to ${indexed.targets.join(', ')}, and never to ${type}.`,
    )
  if (--reach.left < 0) return tooFar(filter)
  const found = inner(chain.type, filter)
  if ('issue' in found) return found
  const link = { prefix: `${indexed.prefix}${type}/`, type: chain.type, where: [found.condition] }
  return { condition: reverse(link), locks: [] }
}
