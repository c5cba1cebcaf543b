import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../src/base/problem.ts'
import { splitBundle } from '../../../src/fhir/json/bundle.ts'
import { countMembers } from '../../../src/fhir/json/read.ts'
import type { JsonObject } from '../../../src/fhir/json/value.ts'
import { jsonObject } from './arbitrary.ts'

const entry = fc.record({ resource: fc.option(jsonObject), request: jsonObject, after: fc.boolean() })

t.test('a Bundle taken apart is the Bundle', async () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), jsonObject, fc.boolean(), (entries, meta, entryFirst) => {
      const texts = entries.map(({ resource, request, after }) => {
        const members = [`"request" : ${request.spaced}`]
        if (resource) members[after ? 'push' : 'unshift'](`"resourc\\u0065":\n${resource.spaced}`)
        return `{ ${members.join(' , ')} }`
      })
      const shell = `"meta": ${meta.spaced}`
      const list = `"entry" : [ ${texts.join(' ,')} ]`
      const text = `{${entryFirst ? `${list},${shell}` : `${shell},${list}`}}\n`
      const whole = JSON.parse(text) as JsonObject
      const split = splitBundle(text)
      deepStrictEqual(split.shell, { meta: whole.meta })
      strictEqual(split.shellMembers, countMembers(split.shell))
      const again = split.entries.map((one) => ({
        ...one.shell,
        ...(one.resource ? { resource: one.resource.parse().value } : {}),
      }))
      deepStrictEqual(again, whole.entry)
      split.entries.forEach((one, index) => {
        strictEqual(one.resource?.text, entries[index]!.resource?.compact)
        strictEqual(one.shellMembers, countMembers(one.shell))
      })
    }),
    { numRuns: 300 },
  )
})

const refusal = (text: string, limits = {}): string => {
  try {
    for (const { resource } of splitBundle(text, limits).entries) resource?.parse()
    return 'accepted'
  } catch (error) {
    if (error instanceof Problem) return `${error.status} ${error.message}`
    throw error
  }
}

t.test('what is refused, and where', async () => {
  t.match(refusal('{"entry":{}}'), /^400 Line 1, column 10: .*must be an array/)
  t.match(refusal('{"entry":[1]}'), /^400 Line 1, column 11: /)
  t.match(refusal('{"entry":[{"resource":[]}]}'), /^400 Line 1, column 23: /)
  t.match(refusal('{"entry":[],"\\u0065ntry":[]}'), /^400 Line 1, column 13: .*"entry" is repeated/)
  t.match(
    refusal('{"entry":[{"resource":{},\n"resource":{}}]}'),
    /^400 Line 2, column 1: .*"resource" is repeated/,
  )
  t.match(refusal('{"entry":[{},\n {"resource":{"a":tru}}]}'), /^400 Line 2, column 19: /)
  t.match(refusal('{"entry":[{"resource":{"a":1}]}'), /^400 /)
  t.match(refusal('{"entry":[{"fullUrl":"\\u0000"}]}'), /null character/)
  t.match(refusal('{"entry":[{},{},{}]}', { entries: 2 }), /^413 /)
  t.match(refusal(`{"entry":[{"resource":{"a":${'['.repeat(200)}`), /more than 100/)
})

t.test('damaged text is never accepted', async () => {
  const text = '{ "a" : 1 , "entry" : [ { "resource" : { "b" : [ true , "x\\"" ] } , "c" : null } ] }'
  fc.assert(
    fc.property(
      fc.nat({ max: text.length - 1 }),
      fc.constantFrom('', ' ', ',', '"', '}', '[', '1', '\\'),
      (at, put) => {
        const damaged = text.slice(0, at) + put + text.slice(at + 1)
        const result = refusal(damaged)
        if (result === 'accepted') JSON.parse(damaged)
        else if (result.includes('must') || result.includes('ends')) return
        else strictEqual(parses(damaged), false, result)
      },
    ),
    { numRuns: 1000 },
  )
})

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
