import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../src/base/problem.ts'
import { duplicateMembers } from '../../../src/fhir/json/duplicates.ts'
import { parseLossless, sameJson } from '../../../src/fhir/json/lossless.ts'
import { pretty } from '../../../src/fhir/json/pretty.ts'
import { countMembers, decodeUtf8, readJson } from '../../../src/fhir/json/read.ts'
import type { JsonValue } from '../../../src/fhir/json/value.ts'
import { jsonObject, jsonValue } from './arbitrary.ts'

const refusal = (read: () => unknown): string => {
  try {
    read()
    return 'accepted'
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return error.message
    throw error
  }
}

/** The text with every string and name written as JSON.stringify does, and numbers as they were. */
const stable = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"/g, (string) => JSON.stringify(JSON.parse(string)))

const isObject = (text: string): boolean => {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
const hasHalf = (text: string): boolean =>
  !JSON.stringify(JSON.parse(text)).isWellFormed() ||
  /\\ud[89a-f]/i.test(JSON.stringify(JSON.parse(text))) ||
  !text.isWellFormed()

t.test('text comes back without whitespace and otherwise as it was', async () => {
  fc.assert(
    fc.property(jsonObject, ({ compact, spaced }) => {
      const read = readJson(`\n ${spaced} `)
      strictEqual(read.text, compact)
      deepStrictEqual(read.value, JSON.parse(compact))
      strictEqual(read.members, countMembers(read.value))
      strictEqual(readJson(compact).text, compact)
      strictEqual(JSON.stringify(parseLossless(compact)), stable(compact))
    }),
    { numRuns: 300 },
  )
})

t.test('indented text is the same text', async () => {
  fc.assert(
    fc.property(jsonObject, ({ compact }) => readJson(pretty(compact)).text === compact),
    { numRuns: 200 },
  )
  t.equal(
    pretty('{"a":[],"b":{},"c":[1,{"d":"{,}"}]}'),
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": "{,}"\n    }\n  ]\n}',
  )
})

t.test('a mistake is refused exactly when JSON.parse refuses it', async () => {
  const damaged = fc.tuple(
    jsonObject,
    fc.nat(),
    fc.constantFrom('', ' ', ',', ':', '"', '{', ']', '1', 'e', '\\', 'x', '\n'),
  )
  fc.assert(
    fc.property(damaged, ([{ spaced }, at, put]) => {
      const place = at % spaced.length
      const text = spaced.slice(0, place) + put + spaced.slice(place + 1)
      const refused = refusal(() => readJson(text)) !== 'accepted'
      strictEqual(refused, !isObject(text) || hasHalf(text))
    }),
    { numRuns: 1000 },
  )
})

t.test('refusals say where', async () => {
  t.match(
    refusal(() => readJson('')),
    /empty/,
  )
  t.match(
    refusal(() => readJson('[1]')),
    /Line 1, column 1/,
  )
  t.match(
    refusal(() => readJson('{\n "a":1,\n}')),
    /Line 3, column 1/,
  )
  t.match(
    refusal(() => readJson('{"a":1 2}')),
    /Line 1, column 8/,
  )
  t.match(
    refusal(() => readJson('{"a":tru e}')),
    /Line 1, column 6/,
  )
  t.match(
    refusal(() => readJson('{"a":1} x')),
    /Line 1, column 9: nothing may follow/,
  )
  t.match(
    refusal(() => readJson('{"a":"\\u0000"}')),
    /Line 1, column 7: the null/,
  )
  t.match(
    refusal(() => readJson('{"a":"\\ud800x"}')),
    /surrogate/,
  )
  t.match(
    refusal(() => readJson('{"a":"\\udc00\\ud800"}')),
    /surrogate/,
  )
  t.match(
    refusal(() => readJson('{"a":"\ud800"}')),
    /Line 1, column 7: half/,
  )
  t.equal(
    refusal(() => readJson('{"a":"\\\\u0000"}')),
    'accepted',
  )
  t.match(
    refusal(() => readJson(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`)),
    /column 105: more than 100/,
  )
  t.equal(
    refusal(() => readJson(`{"a":${'['.repeat(99)}${']'.repeat(99)}}`)),
    'accepted',
  )
  t.match(
    refusal(() => readJson(`{"a":${'['.repeat(1_000_000)}`)),
    /more than 100/,
  )
  const proto = readJson('{"__proto__":{"x":1}}')
  t.ok(Object.hasOwn(proto.value, '__proto__'))
  t.equal(({} as Record<string, unknown>).x, undefined)
})

t.test('UTF-8', async () => {
  t.equal(decodeUtf8(Buffer.from('\ufeff{"é":"😀�"}')), '{"é":"😀�"}')
  t.match(
    refusal(() => decodeUtf8(Buffer.from([0x7b, 0xff]))),
    /byte 1;/,
  )
  t.match(
    refusal(() => decodeUtf8(Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0xc3]))),
    /byte 4;/,
  )
  t.match(
    refusal(() => decodeUtf8(Buffer.from([0x41, 0xef, 0xbf, 0xbd, 0xed, 0xa0, 0x80]))),
    /byte 4;/,
  )
})

t.test('repeated members are named', async () => {
  const text = '{"resourceType":"Patient","name":[{"family":"a",\n "f\\u0061mily":"b"}],"name":[]}'
  t.ok(readJson(text).members > countMembers(JSON.parse(text)))
  t.same(duplicateMembers(text), [
    { path: 'Patient.name[0].family', name: 'family', line: 2, column: 2 },
    { path: 'Patient.name', name: 'name', line: 2, column: 22 },
  ])
})

t.test('numbers are equal by value', async () => {
  const same = (a: string, b: string) => {
    const { x, y } = parseLossless(`{"x":${a},"y":${b}}`)
    return sameJson(x as JsonValue, y as JsonValue)
  }
  for (const [a, b] of [
    ['1.0', '1.00'],
    ['1e2', '100'],
    ['-0', '0'],
    ['0e9', '0.0'],
    ['12345678901234567890.10', '12345678901234567890.1'],
  ])
    t.ok(same(a!, b!), `${a} equals ${b}`)
  for (const [a, b] of [
    ['12345678901234567890', '12345678901234567891'],
    ['1', '"1"'],
    ['1.0', '-1.0'],
    ['0.1', '0.10000000000000000001'],
  ])
    t.notOk(same(a!, b!), `${a} differs from ${b}`)
  fc.assert(
    fc.property(jsonValue, ({ compact, spaced }) => same(compact, spaced)),
    { numRuns: 200 },
  )
})
