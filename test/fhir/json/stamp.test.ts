import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { selectElements } from '../../../src/fhir/json/select.ts'
import { idOf, memberOf, seal, stamp } from '../../../src/fhir/json/stamp.ts'
import type { JsonObject } from '../../../src/fhir/json/value.ts'
import { jsonObject, jsonValue } from './arbitrary.ts'

const at = '2026-01-02T03:04:05.678Z'
const sealed = (text: string) => seal(stamp(text, 'new'), 7, at)

t.test('id and meta are set where they stand, or where they belong', async () => {
  const stamped = (before: string, after: string) => t.equal(sealed(before), after)
  const meta = `"meta":{"versionId":"7","lastUpdated":"${at}"}`
  stamped('{"resourceType":"Basic"}', `{"resourceType":"Basic","id":"new",${meta}}`)
  stamped('{"resourceType":"Basic","id":"old"}', `{"resourceType":"Basic","id":"new",${meta}}`)
  stamped('{"a":1.00,"resourceType":"Basic"}', `{"a":1.00,"resourceType":"Basic","id":"new",${meta}}`)
  stamped(
    '{"a":1,"id":"o","b":[],"resourceType":"Basic"}',
    `{"a":1,"id":"new",${meta},"b":[],"resourceType":"Basic"}`,
  )
  stamped(
    '{"meta":{"versionId":"1","tag":[{"code":"x"}],"lastUpdated":"then","_lastUpdated":{"id":"q"}},"resourceType":"Basic"}',
    `{"meta":{"versionId":"7","lastUpdated":"${at}","tag":[{"code":"x"}]},"resourceType":"Basic","id":"new"}`,
  )
  stamped('{"resourceType":"Basic","meta":{},"z":1}', `{"resourceType":"Basic","id":"new",${meta},"z":1}`)
  stamped('{"resourceType":"Basic","\\u0069d":"old"}', `{"resourceType":"Basic","id":"new",${meta}}`)
  stamped(
    '{"contained":[{"id":"c","meta":{}}],"resourceType":"Basic"}',
    `{"contained":[{"id":"c","meta":{}}],"resourceType":"Basic","id":"new",${meta}}`,
  )
})

const members = fc.tuple(
  fc.array(fc.tuple(fc.constantFrom('p', 'q\\u0071', 'r'), jsonValue), { maxLength: 3 }),
  fc.constantFrom('id', '\\u0069d', undefined),
  fc.option(jsonObject, { nil: undefined }),
)

t.test('everything else stays as text', async () => {
  fc.assert(
    fc.property(members, fc.nat({ max: 5 }), ([others, idName, meta], turn) => {
      const parts = ['"resourceType":"Basic"']
      if (idName) parts.push(`"${idName}":"old"`)
      if (meta) parts.push(`"meta":${meta.compact}`)
      others.forEach(([name, value], index) => {
        parts.push(`"${name}${index}":${value.compact}`)
      })
      const turned = [...parts.slice(turn % parts.length), ...parts.slice(0, turn % parts.length)]
      const before = `{${turned.join(',')}}`
      const after = sealed(before)
      strictEqual(idOf(after), 'new')
      const { id, meta: newMeta, ...rest } = JSON.parse(after) as JsonObject
      const { id: _id, meta: oldMeta, ...oldRest } = JSON.parse(before) as JsonObject
      strictEqual(id, 'new')
      deepStrictEqual(rest, oldRest)
      deepStrictEqual(newMeta, { ...(oldMeta as JsonObject | undefined), versionId: '7', lastUpdated: at })
      others.forEach(([name, value], index) => {
        strictEqual(after.includes(`"${name}${index}":${value.compact}`), true)
      })
    }),
    { numRuns: 300 },
  )
})

t.test('members are read', async () => {
  t.equal(idOf('{"contained":[{"id":"c"}],"id":"\\u0061"}'), 'a')
  t.equal(idOf('{"contained":[{"id":"c"}]}'), undefined)
  t.equal(memberOf('{"id":1}', 'id'), undefined)
})

t.test('elements are selected as text', async () => {
  const subsetted =
    '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED","display":"subsetted"}'
  const selected = (text: string, names: string[], after: string) =>
    t.equal(selectElements(text, new Set(names)), after)
  selected(
    '{"resourceType":"A","id":"1","a":1.00,"_a":{"id":"x"},"b":2}',
    ['a'],
    `{"resourceType":"A","id":"1","meta":{"tag":[${subsetted}]},"a":1.00,"_a":{"id":"x"}}`,
  )
  selected(
    '{"resourceType":"A","meta":{"versionId":"1"},"b":2}',
    [],
    `{"resourceType":"A","meta":{"versionId":"1","tag":[${subsetted}]}}`,
  )
  const tagged = `{"b":2,"resourceType":"A","meta":{"tag":[${subsetted}]}}`
  selected(tagged, ['b'], tagged)
  selected(
    '{"resourceType":"A","meta":{"tag":[{"code":"SUBSETTED"}]}}',
    [],
    `{"resourceType":"A","meta":{"tag":[{"code":"SUBSETTED"},${subsetted}]}}`,
  )
})
