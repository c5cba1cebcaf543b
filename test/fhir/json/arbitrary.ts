/** Arbitrary JSON text with what FHIR texts can have: odd numbers, escapes, whitespace anywhere. */
import fc from 'fast-check'

const number = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1.00',
    '1e2',
    '1E+02',
    '0.10',
    '123456789012345678901234567890',
    '0.0000001',
    '-1.5e-7',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
)
const escapes = fc.constantFrom(
  '\\"',
  '\\\\',
  '\\/',
  '\\n',
  '\\u0041',
  '\\u00e9',
  '\\ud83d\\ude00',
  'é',
  '😀',
  '{',
  '}',
  ',',
  ':',
)
const plain = fc.constantFrom('a', 'b', ' ', 'id', 'urn:', '')
const string = fc.array(fc.oneof(escapes, plain), { maxLength: 6 }).map((parts) => `"${parts.join('')}"`)
const space = fc.constantFrom('', '', '', ' ', '\n  ', '\t', '\r\n')

/** Names that differ as text and as parsed. */
const memberName = fc.constantFrom('a', 'bc', '_x', 'url', 'x\\u0079', 'q\\"', '__proto__', 'value')

/** Compact text beside the same with whitespace. */
export type Pair = { readonly compact: string; readonly spaced: string }

const same = (text: string): Pair => ({ compact: text, spaced: text })

const join = (open: string, close: string, items: readonly Pair[], gap: string): Pair => ({
  compact: open + items.map((item) => item.compact).join(',') + close,
  spaced: open + gap + items.map((item) => item.spaced).join(`${gap},${gap}`) + gap + close,
})

const member = (name: string, value: Pair, gap: string): Pair => ({
  compact: `"${name}":${value.compact}`,
  spaced: `"${name}"${gap}:${gap}${value.spaced}`,
})

const { value, object } = fc.letrec<{ value: Pair; object: Pair }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(number, string, fc.constantFrom('true', 'false', 'null')).map(same),
    fc
      .tuple(fc.array(tie('value'), { maxLength: 3 }), space)
      .map(([items, gap]) => join('[', ']', items, gap)),
    tie('object'),
  ),
  object: fc
    .tuple(
      fc.uniqueArray(fc.tuple(memberName, tie('value'), space), { selector: ([name]) => name, maxLength: 4 }),
      space,
    )
    .map(([members, gap]) =>
      join(
        '{',
        '}',
        members.map(([name, child, around]) => member(name, child, around)),
        gap,
      ),
    ),
}))

export const jsonObject: fc.Arbitrary<Pair> = object
export const jsonValue: fc.Arbitrary<Pair> = value
