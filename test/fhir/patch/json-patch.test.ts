import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../src/base/problem.ts'
import { parseLossless } from '../../../src/fhir/json/lossless.ts'
import type { JsonObject, JsonValue } from '../../../src/fhir/json/value.ts'
import { applyJsonPatch, applyOperations } from '../../../src/fhir/patch/json-patch.ts'
import { applyMergePatch, merge } from '../../../src/fhir/patch/merge-patch.ts'
import { readOperations } from '../../../src/fhir/patch/operations.ts'
import { jsonObject } from '../json/arbitrary.ts'

const statusOf = (run: () => unknown): number => {
  try {
    run()
    return 200
  } catch (error) {
    if (error instanceof Problem) return error.status
    throw error
  }
}
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const tree = (text: string) => parseLossless(text)

t.test('numbers and the order of members survive', async () => {
  const before = tree('{"b":1.00,"a":[1e2,2],"c":{"d":1}}')
  const given = JSON.stringify(before)
  const patch =
    '[{"op":"add","path":"/a/1","value":3.10},{"op":"move","from":"/c/d","path":"/e"},{"op":"copy","from":"/b","path":"/c/x"},{"op":"test","path":"/b","value":1}]'
  t.equal(JSON.stringify(applyJsonPatch(before, patch)), '{"b":1.00,"a":[1e2,3.10,2],"c":{"x":1.00},"e":1}')
  t.equal(JSON.stringify(before), given, 'the given tree stays')
})

t.test('refusals', async () => {
  const refused = (status: number, patch: string) =>
    t.equal(
      statusOf(() => applyJsonPatch(tree('{"a":{"b":1},"l":[1]}'), patch)),
      status,
      patch.slice(0, 100),
    )
  refused(400, '{}')
  refused(400, '[{"op":"remove"}]')
  refused(400, '[{"op":"spam","path":"/a"}]')
  refused(400, '[{"op":"add","path":"/x"}]')
  refused(400, '[{"op":"add","path":"x","value":1}]')
  refused(400, '[{"op":"add","path":"/~2","value":1}]')
  refused(400, '[{"op":"remove","op":"test","path":"/a","value":1}]')
  refused(400, '[{"op":"remove","path":"/a"}')
  refused(400, '[],"operations":[]')
  refused(422, '[{"op":"remove","path":"/nope"}]')
  refused(422, '[{"op":"remove","path":""}]')
  refused(422, '[{"op":"replace","path":"","value":[]}]')
  refused(422, '[{"op":"test","path":"/a","value":1}]')
  refused(422, '[{"op":"move","from":"/a","path":"/a/b"}]')
  refused(422, '[{"op":"add","path":"/l/01","value":1}]')
  refused(422, '[{"op":"add","path":"/l/2","value":1}]')
  refused(422, '[{"op":"add","path":"/constructor/prototype/polluted","value":1}]')
  refused(422, '[{"op":"add","path":"/__proto__/polluted","value":1}]')
  refused(
    200,
    '[{"op":"add","path":"/__proto__","value":{"polluted":1}},{"op":"add","path":"/__proto__/x","value":1}]',
  )
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  const doubling = Array.from({ length: 60 }, (_, i) => `{"op":"copy","from":"","path":"/c${i}"}`).join(',')
  t.ok(statusOf(() => applyJsonPatch(tree('{"a":{"b":1}}'), `[${doubling}]`)) >= 400)
  const deep = Array.from(
    { length: 60 },
    () => '{"op":"copy","from":"","path":"/a/b/c"},{"op":"move","from":"/a/b/c","path":"/a/b"}',
  ).join(',')
  t.ok(statusOf(() => applyJsonPatch(tree('{"a":{"b":{}}}'), `[${deep}]`)) >= 400)
})

for (const file of ['rfc6902-spec_tests.json', 'rfc6902-tests.json']) {
  const url = new URL(`../../../../shared/data/patch/${file}`, import.meta.url)
  t.test(file, { skip: existsSync(url) ? false : 'the suite is not here' }, async (t) => {
    type Case = {
      doc: JsonValue
      patch: unknown
      expected?: JsonValue
      error?: string
      comment?: string
      disabled?: boolean
    }
    for (const { doc, patch, expected, error, comment, disabled } of JSON.parse(
      readFileSync(url, 'utf8'),
    ) as Case[]) {
      if (disabled || doc === undefined) continue
      const run = () => applyOperations(doc, readOperations(JSON.stringify(patch)))
      if (error !== undefined) t.ok(statusOf(run) >= 400, comment ?? error)
      else t.same(plain(run()), expected ?? plain(run()), comment ?? JSON.stringify(patch))
    }
  })
}

t.test('merge patch', async () => {
  const cases: [string, string, string][] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"e":null}', '{"a":1.00}', '{"e":null,"a":1.00}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
    ['{"a":1.00}', '{"__proto__":{"polluted":1}}', '{"a":1.00,"__proto__":{"polluted":1}}'],
  ]
  for (const [target, patch, expected] of cases)
    t.equal(JSON.stringify(applyMergePatch(tree(target), patch)), expected)
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  t.equal(
    statusOf(() => applyMergePatch({}, '[1]')),
    400,
  )
  t.equal(
    statusOf(() => applyMergePatch({}, '{"a":1,"a":2}')),
    400,
  )
})

t.test('a merge patch of one resource into another gives its members', async () => {
  const naive = (target: unknown, patch: unknown): unknown => {
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
    const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {}
    const entries = new Map(Object.entries(base))
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) entries.delete(name)
      else entries.set(name, naive(entries.get(name), value))
    }
    return Object.fromEntries(entries)
  }
  fc.assert(
    fc.property(jsonObject, jsonObject, (target, patch) => {
      const [a, b] = [tree(target.compact), tree(patch.compact)]
      deepStrictEqual(plain(merge(a, b)), naive(JSON.parse(target.compact), JSON.parse(patch.compact)))
      strictEqual(JSON.stringify(a), JSON.stringify(tree(target.compact)))
    }),
    { numRuns: 300 },
  )
})

t.test('patches agree with a naive reading on random trees', async () => {
  fc.assert(
    fc.property(jsonObject, jsonObject, ({ compact }, { compact: value }) => {
      const added = applyJsonPatch(
        tree(compact),
        `[{"op":"add","path":"/new","value":${value}}]`,
      ) as JsonObject
      deepStrictEqual(plain(added), { ...JSON.parse(compact), new: JSON.parse(value) })
      const back = applyJsonPatch(
        added,
        `[{"op":"test","path":"/new","value":${value}},{"op":"remove","path":"/new"}]`,
      )
      strictEqual(JSON.stringify(back), JSON.stringify(tree(compact)))
    }),
    { numRuns: 200 },
  )
})
