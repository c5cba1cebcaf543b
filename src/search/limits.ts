/** What a posted SearchParameter lets a search do with it: http://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.multipleOr */
import { type Issue, issue } from '../base/issue.ts'
import type { Definitions, SearchLimits, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import { prefixes } from './bounds.ts'
import { everywhere } from './everywhere.ts'
import type { Extractor, Indexed } from './extract.ts'
import { modifiersOf } from './modifiers.ts'
import type { Filter } from './parse.ts'
import { unescapeValue } from './values.ts'

const refuse = (filter: Filter, text: string): Issue =>
  issue('not-supported', text, `http.${filter.source[0].slice(0, 200)}`)

const listed = (all: readonly string[], before = ''): string =>
  all.length === 0 ? 'none' : all.map((one) => before + one).join(', ')

/** The code of a modifier in SearchParameter.modifier; a type of resource is one of the kind `type`. */
const codeOf = (modifier: string): string => {
  if (modifier === 'of-type') return 'ofType'
  return isResourceType(modifier) ? 'type' : modifier
}

const urlForm = (code: string): string => {
  if (code === 'ofType') return 'of-type'
  return code === 'type' ? '[type]' : code
}

const hasPrefixes: ReadonlySet<string> = new Set(['number', 'date', 'quantity'])

/** Why a search cannot use the parameter in this way although the server could; undefined when it can. */
export const beyondLimits = (
  { code, type, limits }: SearchParameterDefinition,
  filter: Filter,
): Issue | undefined => {
  if (!limits) return undefined
  const { modifier, values } = filter
  const { modifiers, comparators, multipleOr } = limits
  if (modifier !== undefined && modifiers && !modifiers.includes(codeOf(modifier)))
    return refuse(
      filter,
      `The definition of "${code}" does not allow the modifier ":${modifier.slice(0, 64)}"; it allows ${listed(modifiers.map(urlForm), ':')}, and none at all.`,
    )
  if (multipleOr === false && values.length > 1)
    return refuse(
      filter,
      `The definition of "${code}" allows one value at a time: ask for each value by itself, without ",".`,
    )
  if (!comparators || modifier !== undefined || !hasPrefixes.has(type)) return undefined
  const given = values.map((value) => prefixes.find((one) => unescapeValue(value).startsWith(one)))
  const wrong = given.find((one) => one !== undefined && !comparators.includes(one))
  return wrong === undefined
    ? undefined
    : refuse(
        filter,
        `The definition of "${code}" does not allow the prefix "${wrong}"; it allows ${listed(comparators)}, and values without a prefix.`,
      )
}

/** Why the parameter cannot be given once more. */
export const beyondRepetition = (
  { code, limits }: SearchParameterDefinition,
  filter: Filter,
  before: readonly Filter[],
): Issue | undefined =>
  limits?.multipleAnd === false && before.some((other) => other.code === filter.code)
    ? refuse(filter, `The definition of "${code}" allows it once in a search: give it once.`)
    : undefined

/** Why a chain through the parameter cannot go on with another. */
export const beyondChains = (
  { code, limits }: SearchParameterDefinition,
  filter: Filter,
): Issue | undefined => {
  const [next = ''] = filter.code.split('.')
  return limits?.chains && !limits.chains.includes(next)
    ? refuse(
        filter,
        `The definition of "${code}" does not allow the chain "${code}.${next.slice(0, 64)}"; it allows ${listed(limits.chains, `${code}.`)}.`,
      )
    : undefined
}

/** The limits in words, for the CapabilityStatement. */
export const limitsText = ({
  modifiers,
  comparators,
  multipleOr,
  multipleAnd,
  chains,
}: SearchLimits): string =>
  [
    ...(modifiers ? [`Modifiers: ${listed(modifiers.map(urlForm), ':')}.`] : []),
    ...(comparators ? [`Prefixes: ${listed(comparators)}.`] : []),
    ...(multipleOr === false ? ['One value at a time.'] : []),
    ...(multipleAnd === false ? ['Once in a search.'] : []),
    ...(chains ? [`Chains: ${listed(chains)}.`] : []),
  ].join(' ')

/** What of a definition the server cannot honour. */
export type Unusable = {
  readonly element: 'expression' | 'component' | 'modifier' | 'comparator' | 'chain'
  readonly reason: string
}

/** The first limit that promises what the server cannot do for a type. */
export const unhonoured = (
  room: { readonly definitions: Definitions; readonly searchable: Extractor['indexed'] },
  type: string,
  indexed: Indexed,
): Unusable | undefined => {
  const { definition, targets } = indexed
  const { modifiers = [], comparators = [], chains = [] } = definition.limits ?? {}
  const known = [
    'missing',
    ...modifiersOf(room, indexed, type).map(codeOf),
    ...(definition.type === 'reference' ? ['type'] : []),
  ]
  const modifier = modifiers.find((one) => !known.includes(one))
  if (modifier !== undefined)
    return {
      element: 'modifier',
      reason: `the modifier "${modifier}" is not one of ${listed(known)}, which this parameter can have`,
    }
  if (comparators.length > 0 && !hasPrefixes.has(definition.type))
    return {
      element: 'comparator',
      reason: `a ${definition.type} is not compared; only number, date and quantity have comparators`,
    }
  if (chains.length > 0 && definition.type !== 'reference')
    return { element: 'chain', reason: 'only a reference can be chained' }
  const chain = chains.find((one) => !targets.some((target) => canChain(room.searchable, target, one)))
  return chain === undefined
    ? undefined
    : {
        element: 'chain',
        reason: `"${chain}" is a search parameter of none of the types that it refers to (${listed(targets)})`,
      }
}

const canChain = (searchable: Extractor['indexed'], target: string, code: string): boolean =>
  everywhere.some((one) => one === code) || searchable(target).has(code)
