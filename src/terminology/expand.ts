/** ValueSet/$expand: http://hl7.org/fhir/R4/valueset-operation-expand.html */
import { randomUUID } from 'node:crypto'
import type { ValueSet, ValueSetExpansionContains, ValueSetExpansionParameter } from 'fhir/r4.js'
import { issue } from '../base/issue.ts'
import { Problem, tooCostly, unprocessable } from '../base/problem.ts'
import type { Composition } from './composition.ts'
import type { ConceptSource } from './concept-source.ts'
import type { Entry } from './enumerate.ts'
import { splitCanonical } from './scope.ts'
import { select } from './select.ts'
import { designationsOf, displayOf, wantedDesignations } from './texts.ts'
import { wordsOf } from './words.ts'

/** The parameters of the operation; systems as `url` or `url|version`. */
export type ExpandOptions = {
  readonly filter?: string
  readonly offset?: number
  readonly count?: number
  readonly date?: string
  readonly activeOnly?: boolean
  readonly displayLanguage?: string
  readonly includeDesignations?: boolean
  /** Languages, or uses as `system|code`. */
  readonly designation?: readonly string[]
  readonly includeDefinition?: boolean
  readonly excludeNested?: boolean
  readonly excludeNotForUI?: boolean
  readonly excludePostCoordinated?: boolean
  readonly excludeSystem?: readonly string[]
}

/** Codes that an answer may have without paging. */
const most = 10_000

/** `at` is the time of the expansion in ms. Throws a `Problem`. */
export const expand = async (
  source: ConceptSource | undefined,
  composition: Composition,
  options: ExpandOptions,
  at: number,
): Promise<ValueSet> => {
  const { offset = 0, count } = options
  checkPaging(offset, count)
  checkDate(composition, options.date)
  const { entries, total } = await select(composition, source, {
    words: wordsOf(options.filter ?? ''),
    activeOnly: options.activeOnly === true,
    skipAbstract: options.excludeNotForUI === true,
    skipSystems: new Set((options.excludeSystem ?? []).map((one) => splitCanonical(one).url)),
    offset,
    limit: count ?? most + 1,
  })
  if (entries.length > most)
    throw tooCostly(
      `${composition.url} has more than ${most} codes${total === undefined ? '' : ` (${total})`}; read it in pages with count and offset, such as count=1000&offset=0, or use filter.`,
    )
  const isPaged = options.offset !== undefined || count !== undefined
  const isNested = !isPaged && options.filter === undefined && options.excludeNested !== true
  const show = (entry: Entry): ValueSetExpansionContains => containsOf(entry, options)
  return {
    ...definitionOf(composition, options.includeDefinition === true),
    expansion: {
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: new Date(at).toISOString(),
      ...(total === undefined ? {} : { total }),
      ...(isPaged ? { offset } : {}),
      parameter: [...parametersOf(options), ...versionsOf(entries)],
      ...(entries.length === 0 ? {} : { contains: isNested ? nest(entries, show) : entries.map(show) }),
    },
  }
}

const checkPaging = (offset: number, count: number | undefined): void => {
  const wrong = (name: string): Problem =>
    new Problem(400, [issue('value', `The parameter ${name} must be 0 or more.`, `http.${name}`)])
  if (offset < 0) throw wrong('offset')
  if (count !== undefined && count < 0) throw wrong('count')
  if (count !== undefined && count > most)
    throw tooCostly(
      `A page has at most ${most} codes; ask for fewer with count, and for the next page with offset.`,
      'http.count',
    )
}

/** There is one state of each definition: whether it is older than the date can be told, what was before cannot. */
const checkDate = ({ url, resource, include }: Composition, date: string | undefined): void => {
  if (date === undefined) return
  const systems = include.flatMap(({ system }) => (system?.kind === 'memory' ? [system] : []))
  for (const one of [...(resource ? [{ url, date: resource.date }] : []), ...systems])
    if (one.date !== undefined && one.date.slice(0, date.length) > date)
      throw unprocessable(
        `${one.url} is of ${one.date}; how it was on ${date} is not known. Leave date out, or ask for an older version.`,
        'http.date',
      )
}

const definitionOf = ({ resource, url, version }: Composition, isWhole: boolean): ValueSet => {
  if (!resource)
    return {
      resourceType: 'ValueSet',
      url,
      ...(version === undefined ? {} : { version }),
      status: 'active',
    }
  if (isWhole) return resource
  const { id, name, title, status, experimental, date } = resource
  return {
    resourceType: 'ValueSet',
    ...(id === undefined ? {} : { id }),
    ...(resource.url === undefined ? {} : { url: resource.url }),
    ...(version === undefined ? {} : { version }),
    ...(name === undefined ? {} : { name }),
    ...(title === undefined ? {} : { title }),
    status,
    ...(experimental === undefined ? {} : { experimental }),
    ...(date === undefined ? {} : { date }),
  }
}

const containsOf = (entry: Entry, options: ExpandOptions): ValueSetExpansionContains => {
  const { system, code, concept } = entry
  const display = displayOf(entry, options.displayLanguage)
  const wanted = options.designation ?? []
  const isAsked = options.includeDesignations ?? wanted.length > 0
  const designation = isAsked ? wantedDesignations(designationsOf(entry), wanted) : []
  const version = system.kind === 'missing' ? undefined : system.version
  return {
    system: system.url,
    ...(concept?.abstract ? { abstract: true } : {}),
    ...(concept?.inactive ? { inactive: true } : {}),
    ...(version === undefined ? {} : { version }),
    code,
    ...(display === undefined ? {} : { display }),
    ...(designation.length > 0 ? { designation: designation.map((one) => ({ ...one })) } : {}),
  }
}

/** Each below its nearest parent that is there too; a code stands once. */
const nest = (
  entries: readonly Entry[],
  show: (entry: Entry) => ValueSetExpansionContains,
): ValueSetExpansionContains[] => {
  const shown = new Map(entries.map((entry) => [`${entry.system.url} ${entry.code}`, show(entry)]))
  const above = (entry: Entry): string | undefined => {
    const { system, code, listed } = entry
    if (system.kind !== 'memory' || listed) return undefined
    return system
      .parents(code)
      .map((parent) => `${system.url} ${parent}`)
      .find((key) => shown.has(key))
  }
  const parents = new Map(entries.map((entry) => [`${entry.system.url} ${entry.code}`, above(entry)]))
  const isEndless = (key: string): boolean => {
    const seen = new Set<string>()
    for (let one: string | undefined = key; one !== undefined; one = parents.get(one)) {
      if (seen.has(one)) return true
      seen.add(one)
    }
    return false
  }
  const roots: ValueSetExpansionContains[] = []
  for (const [key, one] of shown) {
    const parent = parents.get(key)
    const place = parent === undefined || isEndless(key) ? undefined : shown.get(parent)
    if (place) {
      place.contains ??= []
      place.contains.push(one)
    } else roots.push(one)
  }
  return roots
}

const parametersOf = (options: ExpandOptions): ValueSetExpansionParameter[] => {
  const { excludeSystem = [], designation = [], ...single } = options
  return [
    ...Object.entries(single).map(([name, value]): ValueSetExpansionParameter => {
      if (typeof value === 'boolean') return { name, valueBoolean: value }
      if (typeof value === 'number') return { name, valueInteger: value }
      if (name === 'displayLanguage') return { name, valueCode: value }
      return name === 'date' ? { name, valueDateTime: value } : { name, valueString: value }
    }),
    ...designation.map((valueString) => ({ name: 'designation', valueString })),
    ...excludeSystem.map((valueUri) => ({ name: 'exclude-system', valueUri })),
  ]
}

/** The versions that the codes are from. */
const versionsOf = (entries: readonly Entry[]): ValueSetExpansionParameter[] => {
  const used = new Set<string>()
  for (const { system } of entries)
    if (system.kind !== 'missing' && system.version !== undefined) used.add(`${system.url}|${system.version}`)
  return [...used].map((valueUri) => ({ name: 'version', valueUri }))
}
