/** What the columns of the log tell of a search: conditions on AuditEvents as tests of its rows. Decision 0024. */
import { isUuid } from '../base/id.ts'
import { fold, type RowCondition } from '../search/index.ts'
import type { AuditTest } from '../store/index.ts'
import { byTokens } from './narrow-tokens.ts'
import { all, every, type Narrowed, sent, some } from './narrowed.ts'
import { sessionPolicy } from './resource.ts'

/** `leads`: what was found out of conditions on other resources. */
type Context = { readonly base: string; readonly leads: ReadonlyMap<RowCondition, AuditTest> }

type StringTest = Of<'strings'>['any'][number]
type Of<K extends RowCondition['kind']> = RowCondition & { readonly kind: K }

/** The condition as tests. */
export const narrow = (condition: RowCondition, context: Context): Narrowed => {
  switch (condition.kind) {
    case 'ids':
      return all({ kind: 'ids', any: condition.any.filter(isUuid) })
    case 'tokens':
      return byTokens(condition.any, context.base)
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
