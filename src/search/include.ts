/** `_include` and `_revinclude`: which resources come along with the matches. http://hl7.org/fhir/R4/search.html#revinclude */
import { type Issue, issue } from '../base/issue.ts'
import { isResourceType, resourceTypes } from '../fhir/resource-types.ts'
import type { Extractor } from './extract.ts'
import type { Parameter } from './plan.ts'

/** One value of either parameter, understood. */
export type Include = {
  readonly direction: 'include' | 'revinclude'
  /** The type that refers; absent for every type. */
  readonly source?: string
  /** The parameter that selects the reference; absent for every one. */
  readonly code?: string
  /** The type that is referred to; absent for every one. */
  readonly target?: string
  /** Whether it also applies to what was included. */
  readonly iterate: boolean
}

/** The names that these parameters may have; `:recurse` is what `:iterate` was called before R4. */
export const includeParameters: readonly string[] = ['_include', '_revinclude'].flatMap((name) => [
  name,
  `${name}:iterate`,
  `${name}:recurse`,
])

/** What the include parameters of a search of these types ask for; none of a type stands for all. */
export const readIncludes = (
  extractor: Extractor,
  types: readonly string[],
  query: readonly Parameter[],
): {
  readonly includes: readonly Include[]
  readonly used: readonly Parameter[]
  readonly issues: readonly Issue[]
} => {
  const read = query.map((source) => ({ source, found: readOne(extractor, ...source) }))
  const issues: Issue[] = []
  const includes: Include[] = []
  const used: Parameter[] = []
  for (const { source, found } of read) {
    const problem = 'severity' in found ? found : judgeUse(extractor, types, query.length, found)
    if (problem) issues.push(problem)
    else if (!('severity' in found)) {
      includes.push(found)
      used.push(source)
    }
  }
  return { includes, used, issues }
}

const readOne = (extractor: Extractor, name: string, value: string): Include | Issue => {
  const [word = '', modifier] = name.split(':')
  const direction = word === '_include' ? 'include' : 'revinclude'
  const iterate = modifier !== undefined
  const at = `http.${name}`
  if (value === '*') return { direction, iterate }
  const [source = '', code = '', target, ...rest] = value.split(':')
  if (!isResourceType(source) || code === '' || rest.length > 0)
    return issue(
      'value',
      `"${word}" takes [type]:[parameter], [type]:[parameter]:[target type], [type]:* or *, such as Observation:subject.`,
      at,
    )
  if (target !== undefined && !isResourceType(target))
    return issue('value', `"${target.slice(0, 64)}" is not a resource type of FHIR R4.`, at)
  const aim = target === undefined ? {} : { target }
  if (code === '*') return { direction, source, iterate, ...aim }
  const indexed = extractor.indexed(source).get(code)
  if (indexed?.definition.type !== 'reference') {
    const known = referenceCodes(extractor, source)
    return issue(
      'not-supported',
      `"${code.slice(0, 64)}" is not a reference parameter of ${source}. These are: ${known.join(', ') || 'none'}.`,
      at,
    )
  }
  if (target !== undefined && indexed.targets.length > 0 && !indexed.targets.includes(target))
    return issue(
      'value',
      `${source}:${code} refers to ${indexed.targets.join(', ')}, and never to ${target}.`,
      at,
    )
  return { direction, source, code, iterate, ...aim }
}

const referenceCodes = (extractor: Extractor, type: string): readonly string[] =>
  [...extractor.indexed(type).values()]
    .filter(({ definition }) => definition.type === 'reference')
    .map(({ definition }) => definition.code)

/** One that can never bring anything is a mistake that must not go unnoticed. */
const judgeUse = (
  extractor: Extractor,
  types: readonly string[],
  count: number,
  one: Include,
): Issue | undefined => {
  const { direction, iterate } = one
  const starts = startsOf(extractor, one)
  if (starts.length === 0 || types.length === 0 || types.some((type) => starts.includes(type)))
    return undefined
  if (iterate && count > 1) return undefined
  const name = direction === 'include' ? '_include' : '_revinclude'
  return issue(
    'invalid',
    `This search finds ${types.join(', ')}, and "${name}" would have to start at ${starts.join(' or ')}: use "${name}:iterate" beside a parameter that includes it.`,
    `http.${name}`,
  )
}

/** The types that one may start from; none stands for all. */
const startsOf = (extractor: Extractor, { direction, source, code, target }: Include): readonly string[] => {
  if (direction === 'include') return source === undefined ? [] : [source]
  if (target !== undefined) return [target]
  return (source && code && extractor.indexed(source).get(code)?.targets) || []
}

/** Every value that either parameter may have in searches of a type, without the wildcards. */
export const includesOf = (
  extractor: Extractor,
  type: string,
): { readonly include: readonly string[]; readonly revinclude: readonly string[] } => ({
  include: referenceCodes(extractor, type).map((code) => `${type}:${code}`),
  revinclude: resourceTypes.flatMap((source) =>
    [...extractor.indexed(source).values()]
      .filter(({ definition, targets }) => definition.type === 'reference' && targets.includes(type))
      .map(({ definition }) => `${source}:${definition.code}`),
  ),
})
