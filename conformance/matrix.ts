/** Claimed, proven, not yet: what the CapabilityStatement claims beside the cases that prove it. */
import { at, isMap, type Json, type JsonMap } from './json.ts'
import type { CaseResult } from './perform.ts'

export type Row = {
  /** `read`, `conditionalCreate`, `format json`, `search _id` … */
  readonly claim: string
  readonly claimed: boolean
  readonly passed: number
  readonly cases: number
}

/** The other way round than the statement, which claims by a value: these values mean that nothing is claimed. */
const nothing: readonly Json[] = [false, 'not-supported', 'no-version']

const flags = [
  'updateCreate',
  'readHistory',
  'conditionalCreate',
  'conditionalRead',
  'conditionalUpdate',
  'conditionalDelete',
  'versioning',
]

/** Parameters that every type has; the others are too many for a table and are proven by their type. */
const general = /^_/

const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item: Json): item is string => typeof item === 'string') : []

const maps = (value: Json | undefined): readonly JsonMap[] =>
  Array.isArray(value) ? value.filter((item: Json): item is JsonMap => isMap(item)) : []

const ofResource = (resource: JsonMap): string[] => [
  ...texts(at(resource, 'interaction[*].code')),
  ...flags
    .filter((name) => resource[name] !== undefined && !nothing.includes(resource[name]))
    .map((name) => (typeof resource[name] === 'string' ? `${name} ${resource[name]}` : name)),
  ...texts(at(resource, 'referencePolicy')).map((policy) => `referencePolicy ${policy}`),
  ...maps(resource.searchParam).map(({ name, type }) =>
    general.test(String(name)) ? `search ${name}` : `search by ${type}`,
  ),
  ...texts(at(resource, 'operation[*].name')).map((name) => `operation ${name}`),
]

/** What a CapabilityStatement claims, as the names that cases use in `proves`; each once, in its order. */
export const claimsOf = (statement: Json): readonly string[] => {
  const rest = maps(at(statement, 'rest')).find(({ mode }) => mode === 'server') ?? {}
  return [
    ...new Set([
      'capabilities',
      ...texts(at(statement, 'format')).map((format) => `format ${format}`),
      ...maps(rest.resource).flatMap(ofResource),
      ...texts(at(rest, 'interaction[*].code')),
      ...texts(at(statement, 'patchFormat')).map((format) => `patchFormat ${format}`),
      ...texts(at(rest, 'operation[*].name')).map((name) => `operation ${name}`),
    ]),
  ]
}

/** One row a claim; then rows of what is proven without being claimed, because the statement has no place for it. */
export const matrixOf = (statement: Json, results: readonly CaseResult[]): readonly Row[] => {
  const claims = claimsOf(statement)
  const unclaimed = results
    .flatMap((result) => result.case?.proves ?? [])
    .filter((name) => !claims.includes(name))
  return [...claims, ...new Set(unclaimed)].map((claim) => {
    const cases = results.filter((result) => result.case?.proves?.includes(claim))
    const passed = cases.filter((result) => result.passed).length
    return { claim, claimed: claims.includes(claim), passed, cases: cases.length }
  })
}

export const verdictOf = ({ passed, cases }: Row): string => {
  if (cases === 0) return 'not yet'
  return passed === cases ? 'proven' : 'fails'
}

/** The rows as a table in Markdown. */
export const matrixText = (rows: readonly Row[]): string =>
  [
    '| Claim | Claimed | Cases that pass | |',
    '|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.claim} | ${row.claimed ? 'yes' : 'no place for it'} | ${row.passed} of ${row.cases} | ${verdictOf(row)} |`,
    ),
  ].join('\n')

const marks = ['<!-- matrix -->', '<!-- /matrix -->'] as const

/** The README with the table between its marks. Throws when they are not there. */
export const withMatrix = (readme: string, table: string): string => {
  const [begin, end] = [readme.indexOf(marks[0]), readme.indexOf(marks[1])]
  if (begin < 0 || end < begin) throw new Error(`README.md has no place for the matrix: ${marks.join(' … ')}`)
  return `${readme.slice(0, begin + marks[0].length)}\n${table}\n${readme.slice(end)}`
}
