/** The lexemes that concepts are found by, as they are stored and as they are asked for. */
import { createHash } from 'node:crypto'
import { type ConceptQuery, type Property, wordsOf } from '../terminology/index.ts'

/** PostgreSQL takes words of up to 2046 bytes; long values stand for themselves by their hash. */
const short = (text: string): string =>
  text.length <= 200 ? text : createHash('sha256').update(text).digest('base64')

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

const valueLexeme = (property: string, value: string): string => short(`=${property}|${value}`)

/** What is searched: texts, properties, and what the concept is. */
export type Worded = {
  readonly code: string
  readonly texts: readonly string[]
  readonly properties: readonly Property[]
  readonly inactive: boolean
  readonly abstract: boolean
}

/** Words of one concept, at most: texts of some systems are long. */
const mostWords = 400

/** As text of a tsvector. */
export const tsvector = (system: number, one: Worded): string => {
  const words = new Set([one.code, ...one.texts].flatMap(wordsOf).map(short))
  const all = new Set([`!${system}`, ...[...words].slice(0, mostWords)])
  for (const { code, text, coding } of one.properties) {
    all.add(short(`?${code}`))
    all.add(valueLexeme(code, text))
    if (coding?.code !== undefined) all.add(valueLexeme(code, coding.code))
  }
  all.add(valueLexeme('inactive', String(one.inactive)))
  all.add(valueLexeme('notSelectable', String(one.abstract)))
  if (one.inactive) all.add('-')
  if (one.abstract) all.add('^')
  return [...all].map(quoted).join(' ')
}

const hierarchical = new Set(['concept', 'code', 'parent', 'child'])

/** As text of a tsquery; undefined when nothing is asked that needs one. */
export const lexemes = ({
  system,
  filters,
  words,
  activeOnly,
  skipAbstract,
}: ConceptQuery): string | undefined => {
  const parts = words.map((word) => `${quoted(short(word))}:*`)
  for (const { property, op, value } of filters) {
    if (hierarchical.has(property)) continue
    const list = value.split(',').map((one) => quoted(valueLexeme(property, one.trim())))
    if (op === '=') parts.push(quoted(valueLexeme(property, value)))
    else if (op === 'in') parts.push(`(${list.join(' | ')})`)
    else if (op === 'not-in') parts.push(`!(${list.join(' | ')})`)
    else if (op === 'exists') parts.push(`${value === 'true' ? '' : '!'}${quoted(short(`?${property}`))}`)
  }
  if (activeOnly && system.hasInactive) parts.push("!'-'")
  if (skipAbstract) parts.push("!'^'")
  return parts.length === 0 ? undefined : [quoted(`!${system.number}`), ...parts].join(' & ')
}
