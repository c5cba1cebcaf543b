import fc from 'fast-check'
import t from 'tap'
import type { JsonValue } from '../../../src/fhir/json/value.ts'
import {
  coding,
  concept,
  contact,
  folded,
  identifier,
  plain,
  restrictToken,
} from '../../../src/search/params/token.ts'

const written = (write: (out: string[]) => void): string[] => {
  const out: string[] = []
  write(out)
  return out
}

const lookedUp = (types: string[], ...values: string[]) => {
  const found = restrictToken('p', 'T.p|', new Set(types), values)
  return 'issue' in found ? found.issue.code : found.condition.kind === 'tokens' && found.condition.any
}

t.test('what is written for each kind of value', async (t) => {
  t.same(
    written((o) => coding(o, 'T.p|', { system: 's', code: 'c' })),
    ['T.p|s|', 'T.p|c', 'T.p|s|c'],
  )
  t.same(
    written((o) => coding(o, 'T.p|', { code: 'c' })),
    ['T.p|c', 'T.p||c'],
  )
  t.same(
    written((o) => coding(o, 'T.p|', { system: 's' })),
    ['T.p|s|'],
  )
  t.same(
    written((o) => coding(o, 'T.p|', { display: 'd' })),
    [],
  )
  t.same(
    written((o) => coding(o, 'T.p|', { system: 'a|b', code: 'c\\d' })),
    ['T.p|a\\|b|', 'T.p|c\\\\d', 'T.p|a\\|b|c\\\\d'],
  )
  t.same(
    written((o) => concept(o, 'T.p|', { text: 'x' })),
    [],
  )
  t.same(written((o) => concept(o, 'T.p|', { coding: [{ code: '1' }, { code: '2' }] })).length, 4)
  t.same(
    written((o) => identifier(o, 'T.p|', { system: 's', value: 'v' })),
    ['T.p|s|', 'T.p|v', 'T.p|s|v'],
  )
  t.same(
    written((o) => contact(o, 'T.p|', { system: 'phone', value: '1' })),
    ['T.p|1'],
  )
  t.same(
    written((o) => plain(o, 'T.p|', false)),
    ['T.p|false'],
  )
  t.same(
    written((o) => folded(o, 'T.p|', 'Ab')),
    ['T.p|ab'],
  )
})

t.test('the four forms look up exactly what they mean', async () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'B', '|', '\\', ',', '$', ' '), maxLength: 4 })
  const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&')
  fc.assert(
    fc.property(
      part,
      part,
      part,
      part,
      fc.constantFrom('code', 'pair', 'none', 'system'),
      (s, c, qs, qc, form) => {
        if ((form === 'system' ? qs : qc) === '' || (form === 'pair' && qs === '')) return true
        const query = {
          code: escaped(qc),
          pair: `${escaped(qs)}|${escaped(qc)}`,
          none: `|${escaped(qc)}`,
          system: `${escaped(qs)}|`,
        }
        const tokens = written((o) => coding(o, 'T.p|', { system: s, code: c } as Record<string, JsonValue>))
        const any = lookedUp(['Coding'], query[form])
        const isFound = Array.isArray(any) && any.some((token) => tokens.includes(token))
        const means = {
          code: c === qc,
          pair: s === qs && c === qc,
          none: s === '' && c === qc,
          system: s === qs,
        }
        return isFound === means[form]
      },
    ),
    { numRuns: 2000 },
  )
})

t.test('elements without a system take no bar', async (t) => {
  t.same(lookedUp(['ContactPoint'], 'phone|1'), 'value')
  t.same(lookedUp(['boolean'], '|true'), 'value')
  t.same(lookedUp(['boolean'], 'yes'), 'value')
  t.same(lookedUp(['boolean'], 'true'), ['T.p|true'])
  t.same(lookedUp(['string'], 'AbC'), ['T.p|abc'])
  t.same(lookedUp(['code'], 'http://s|male'), 'value')
  t.same(lookedUp(['code'], '|male'), ['T.p|male'])
  t.same(lookedUp(['CodeableConcept', 'boolean'], 's|c'), ['T.p|s|c'])
  t.same(lookedUp(['Coding'], '|'), 'value')
})

t.test('identifiers are locked whatever their system', async (t) => {
  const locks = (...values: string[]) => {
    const found = restrictToken('identifier', 'T.identifier|', new Set(['Identifier']), values)
    return 'locks' in found && found.locks
  }
  t.same(locks('s|1'), locks('1'))
  t.same(locks('s|1', '2'), ['T.identifier|1', 'T.identifier|2'])
  t.same(locks('s|'), [])
})
