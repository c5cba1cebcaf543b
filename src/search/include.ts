/** `_include` and `_revinclude`: which resources come along with the matches. http://hl7.org/fhir/R4/search.html#revinclude */
import { type Issue, issue } from '../base/issue.ts'
import { isResourceType } from '../fhir/resource-types.ts'
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
): { readonly includes: readonly Include[]; readonly issues: readonly Issue[] } => {
  const includes: Include[] = []
  const issues: Issue[] = []
  for (const [name, value] of query) {
    const found = readOne(extractor, name, value)
    if ('severity' in found) issues.push(found)
    else includes.push(found)
  }
  for (const one of includes) {
    const problem = judgeUse(types, includes, one)
    if (problem) issues.push(problem)
  }
  return { includes, issues }
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
  types: readonly string[],
  all: readonly Include[],
  { direction, source, target, iterate }: Include,
): Issue | undefined => {
  const from = direction === 'include' ? source : target
  if (from === undefined || types.length === 0 || types.includes(from)) return undefined
  if (iterate && all.length > 1) return undefined
  const name = direction === 'include' ? '_include' : '_revinclude'
  return issue(
    'invalid',
    `This search finds ${types.join(', ')}, so ${from} cannot be where "${name}" starts: use "${name}:iterate" beside a parameter that includes ${from}.`,
    `http.${name}`,
  )
}
