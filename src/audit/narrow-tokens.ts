/** What the columns and keys of the log tell of tokens: codes, identifiers, references. See `row.ts`. */
import { splitUnescaped, unescapeValue } from '../search/index.ts'
import type { AuditTest } from '../store/index.ts'
import { both, every, type Narrowed, never, sent, some } from './narrowed.ts'
import { agentKey, askedKey, entityKey, entityKeys, patientKey, unversioned } from './row.ts'
import { isTypeOf, subtypeSystem } from './types.ts'

/** What is asked of one token: the prefix is gone. */
type Reader = (text: string, base: string) => Narrowed | undefined

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

/** Codes, identifiers and references. */
export const byTokens = (any: readonly string[], base: string): Narrowed => {
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
