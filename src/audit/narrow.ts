/** What the columns of the log tell of a search: conditions on AuditEvents as tests of its rows. Decision 0024. */
import { fold } from '../search/fold.ts'
import type { RowCondition } from '../search/index.ts'
import { splitUnescaped, unescapeValue } from '../search/values.ts'
import type { AuditTest } from '../store/index.ts'
import { sessionPolicy } from './resource.ts'
import { agentKey, askedKey, entityKey, entityKeys, patientKey } from './row.ts'
import { isTypeOf, subtypeSystem } from './types.ts'

/**
 * `loose` is met by every event that meets the condition, and by others; absent where the columns tell nothing. `sure`,
 * where it is there, is met by an event of this server if, and only if, the event meets the condition. `certain` is met
 * by events of which all do, whoever they are of, and `edge` by the others of which some may.
 */
export type Narrowed = {
  readonly loose?: AuditTest
  readonly sure?: AuditTest
  readonly certain?: AuditTest
  readonly edge?: AuditTest
}

/** `leads`: what was found out of conditions on other resources. */
type Context = { readonly base: string; readonly leads: ReadonlyMap<RowCondition, AuditTest> }

type StringTest = Of<'strings'>['any'][number]
type Of<K extends RowCondition['kind']> = RowCondition & { readonly kind: K }

const sent: AuditTest = { kind: 'sent' }
const never: AuditTest = { kind: 'some', of: [] }
const both = (test: AuditTest): Narrowed => ({ loose: test, sure: test })
const all = (test: AuditTest): Narrowed => ({ loose: test, sure: test, certain: test, edge: never })

/** The condition as tests. */
export const narrow = (condition: RowCondition, context: Context): Narrowed => {
  switch (condition.kind) {
    case 'ids':
      return all({ kind: 'ids', any: condition.any.filter((id) => uuid.test(id)) })
    case 'tokens':
      return byTokens(condition, context.base)
    case 'dates':
      return condition.parameter === 'AuditEvent.date' ? byDate(condition) : {}
    case 'updated':
      return all(some(condition.any.map((interval) => ({ kind: 'came', ...interval }))))
    case 'strings':
      return byText(condition)
    case 'not': {
      const { sure } = narrow(condition.of, context)
      if (!sure) return {}
      const not: AuditTest = { kind: 'not', of: sure }
      return { loose: some([not, sent]), sure: not }
    }
    case 'every':
    case 'some':
      return byParts(condition, context)
    default: {
      const lead = context.leads.get(condition)
      return lead ? { loose: lead } : {}
    }
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Alternatives; those of one kind are one test, which an index may lead to. */
const some = (of: readonly AuditTest[]): AuditTest => {
  const [first] = of
  if (of.length === 1 && first) return first
  if (first?.kind === 'keys' && of.every((one) => one.kind === 'keys'))
    return { kind: 'keys', any: [...new Set(of.flatMap((one) => (one.kind === 'keys' ? one.any : [])))] }
  return { kind: 'some', of }
}

const every = (of: readonly AuditTest[]): AuditTest => {
  const [first] = of
  return of.length === 1 && first ? first : { kind: 'every', of }
}

const byParts = ({ kind, of }: Of<'every' | 'some'>, context: Context): Narrowed => {
  const parts = of.map((one) => narrow(one, context))
  const loose = parts.flatMap((one) => (one.loose ? [one.loose] : []))
  const sure = parts.flatMap((one) => (one.sure ? [one.sure] : []))
  const join = kind === 'every' ? every : some
  return {
    ...((kind === 'every' ? loose.length > 0 : loose.length === parts.length) ? { loose: join(loose) } : {}),
    ...(sure.length === parts.length ? { sure: join(sure) } : {}),
  }
}

/** An event of this server is at one moment; one that was sent may be recorded to the second. */
const slack = 2000

type Span = { readonly from: number; readonly to: number }

const at = ({ from, to }: Span): AuditTest => ({
  kind: 'at',
  ...(from === -Infinity ? {} : { from }),
  ...(to === Infinity ? {} : { to }),
})

const widened = ({ from, to }: Span, by: number): Span => ({ from: from - by, to: to + by })

/** What lies around the ends that there are. */
const edgesOf = ({ from, to }: Span): readonly AuditTest[] =>
  [from, to].filter(Number.isFinite).map((end) => at(widened({ from: end, to: end }, slack)))

const byDate = ({ any }: Of<'dates'>): Narrowed => {
  const spans = any.map(
    ({ lowMin, lowMax, highMin, highMax }): Span => ({
      from: Math.max(lowMin ?? -Infinity, highMin === undefined ? -Infinity : highMin - 1),
      to: Math.min(lowMax ?? Infinity, highMax === undefined ? Infinity : highMax - 1) + 1,
    }),
  )
  const narrowed = { loose: some(spans.map((span) => at(widened(span, slack)))), sure: some(spans.map(at)) }
  const [only] = spans
  if (!only || spans.length > 1 || only.to - only.from <= 2 * slack) return narrowed
  return { ...narrowed, certain: at(widened(only, -slack)), edge: some(edgesOf(only)) }
}

/** What is asked of one token: the prefix is gone. */
type Reader = (text: string, base: string) => Narrowed | undefined

const unversioned = (reference: string): string => reference.replace(/\/_history\/.*$/, '')

const keyed = (keys: readonly string[]): AuditTest => ({ kind: 'keys', any: keys.map(askedKey) })

/** A reference stands in a key as it was sent, without its version: a token has no base of this server. */
const byReference =
  (keysOf: (reference: string, absolute: string) => readonly string[]): Reader =>
  (text, base) => {
    const plain = unversioned(text)
    const test = keyed(keysOf(plain, `${base}/${plain}`))
    return plain === text ? both(test) : { loose: test }
  }

/** The last part of `code`, `|code` and `system|code`; empty for any code of a system. */
const codeOf = (text: string): string => unescapeValue(splitUnescaped(text, '|').at(-1) ?? '')

/** What every event of this server has, or may have, is not among its keys. */
const isKeyed = (code: string): boolean => code !== '' && code !== 'unknown' && !code.includes('/')

const systemOf = (text: string): string | undefined => {
  const parts = splitUnescaped(text, '|')
  return parts.length > 1 ? unescapeValue(parts[0] ?? '') : undefined
}

const is = (column: 'type' | 'subtype' | 'action', code: string): AuditTest => ({
  kind: 'is',
  column,
  any: [code],
})

/** Reads a code of a column: `sureOf` what the column says of this server's events, in a system. */
const byColumn =
  (
    column: 'type' | 'subtype' | 'action',
    isWhole: boolean,
    sureOf: (system: string, code: string) => AuditTest,
  ): Reader =>
  (text) => {
    const [system, code] = [systemOf(text), codeOf(text)]
    if (code === '') return undefined
    // No text of the database has it.
    if (code.includes('\0')) return both(never)
    const test = is(column, code)
    return {
      loose: isWhole ? test : some([test, sent]),
      sure: system === undefined ? test : sureOf(system, code),
    }
  }

const ofType = (system: string, code: string): AuditTest =>
  isTypeOf(system, code) ? is('type', code) : never

const ofSubtype = (system: string, code: string): AuditTest => {
  const isRest = subtypeSystem(code, true) === system
  if (!isRest && subtypeSystem(code, false) !== system) return never
  const rest = is('type', 'rest')
  return every([is('subtype', code), isRest ? rest : { kind: 'not', of: rest }])
}

const outcomes = ['0', '4', '8', '12']

/** This server's own events have none of these elements. */
const onlySent: Reader = () => ({ loose: sent })

const readers: Readonly<Record<string, Reader>> = {
  action: byColumn('action', true, () => never),
  agent: byReference((...both) => both.map(agentKey)),
  'agent:identifier': (text) => {
    const code = unversioned(codeOf(text))
    return isKeyed(code) ? { loose: keyed([agentKey(code)]) } : undefined
  },
  altid: onlySent,
  entity: byReference((reference, absolute) => [...entityKeys(reference), entityKey(absolute)]),
  outcome: (text) => (outcomes.includes(text) ? both({ kind: 'outcome', any: [Number(text)] }) : undefined),
  patient: byReference((reference, absolute) => [
    patientKey(reference),
    ...[reference, absolute].flatMap((one) => [agentKey(one), entityKey(one)]),
  ]),
  site: onlySent,
  source: onlySent,
  // Of what was sent the first one stands in the column.
  subtype: byColumn('subtype', false, ofSubtype),
  type: byColumn('type', true, ofType),
  _security: onlySent,
  _source: onlySent,
  _tag: onlySent,
}

const form = /^AuditEvent\.([^|~]+)\|(.*)$/s

const byTokens = ({ any }: Of<'tokens'>, base: string): Narrowed => {
  const parts = any.map((token): Narrowed => {
    const [, code = '', text = ''] = form.exec(token) ?? []
    return (Object.hasOwn(readers, code) ? readers[code]?.(text, base) : undefined) ?? {}
  })
  const loose = parts.flatMap((one) => (one.loose ? [one.loose] : []))
  const sure = parts.flatMap((one) => (one.sure ? [one.sure] : []))
  return {
    ...(loose.length === parts.length ? { loose: merged(loose) } : {}),
    ...(sure.length === parts.length ? { sure: merged(sure) } : {}),
  }
}

/** Alternatives of one column as one test. */
const merged = (of: readonly AuditTest[]): AuditTest => {
  const numbers = of.flatMap((one) => (one.kind === 'outcome' ? one.any : []))
  if (numbers.length === of.length && of.length > 0) return { kind: 'outcome', any: numbers }
  const [first] = of
  const words = of.flatMap((one) =>
    one.kind === 'is' && first?.kind === 'is' && one.column === first.column ? one.any : [],
  )
  if (first?.kind === 'is' && words.length === of.length) return { ...first, any: words }
  return some(of)
}

/** Texts that stand in the content of an event as they stand in the resource. */
const told: ReadonlySet<string> = new Set(['AuditEvent.address', 'AuditEvent.agent-name'])

const byText = ({ parameter, any }: Of<'strings'>): Narrowed => {
  if (parameter === 'AuditEvent.entity-name') return { loose: sent }
  if (parameter === 'AuditEvent.policy') return saying(any.map(sessionOf))
  return told.has(parameter) ? saying(any.map(({ text }) => text)) : {}
}

/** The token that somebody came with, without what it is called in the resource; empty for any other policy. */
const sessionOf = ({ how, text }: StringTest): string =>
  (how === 'exact' || how === 'equals') && text.startsWith(sessionPolicy)
    ? text.slice(sessionPolicy.length)
    : ''

const saying = (texts: readonly string[]): Narrowed => {
  const parts = texts.map((text): AuditTest => ({ kind: 'says', text: longest(text) }))
  return parts.some((one) => one.kind === 'says' && one.text === '') ? {} : { loose: some(parts) }
}

/** The longest part that folding and JSON leave as it is. */
const longest = (text: string): string =>
  (fold(text).match(/[a-z0-9.:_-]+/g) ?? []).reduce(
    (best, one) => (one.length > best.length ? one : best),
    '',
  )
