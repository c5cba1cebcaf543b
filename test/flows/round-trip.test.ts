/** Content comes back as it was sent, but for id, meta and insignificant whitespace: http://hl7.org/fhir/R4/json.html#decimal */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { openRest, read, resourceOf, textOf } from '../support/rest.ts'

/** Text as it is sent, with whitespace anywhere, beside the same without. */
type Pair = { readonly spaced: string; readonly compact: string }
type Member = readonly [name: string, value: Pair]

const decimal = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1.00',
    '1e2',
    '1E+02',
    '0.10',
    '-0.0e-3',
    '123456789012345678901234567890',
    '0.1000000000000000055511151231257827',
    '9007199254740993',
  ),
  fc.tuple(fc.integer(), fc.stringMatching(/^[0-9]{1,20}$/)).map(([whole, rest]) => `${whole}.${rest}`),
)
const piece = fc.constantFrom(
  '\\"',
  '\\\\',
  '\\/',
  '/',
  '\\n',
  '\\t',
  '\\u0041',
  '\\u00e9',
  '\\u00E9',
  '\\ud83d\\ude00',
  'é',
  'e\u0301',
  '😀',
  '\\u0022',
  '{',
  '],[',
  '\\":\\"',
  '\\"id\\":',
  'a',
  ' b',
)
const text = fc.array(piece, { maxLength: 8 }).map((parts) => `"x${parts.join('')}"`)
const gap = fc.constantFrom('', '', '', ' ', '\n  ', '\t', '\r\n')
const same = (value: string): Pair => ({ spaced: value, compact: value })

/** One letter of a name written as an escape is the same name and other bytes. */
const disguised = (name: string): string =>
  `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`

const objectOf = (members: readonly Member[], space: string): Pair => ({
  spaced: `{${space}${members.map(([n, v]) => `"${n}"${space}:${space}${v.spaced}`).join(`${space},${space}`)}${space}}`,
  compact: `{${members.map(([n, v]) => `"${n}":${v.compact}`).join(',')}}`,
})
const listOf = (items: readonly Pair[], space: string): Pair => ({
  spaced: `[${space}${items.map((i) => i.spaced).join(`${space},${space}`)}${space}]`,
  compact: `[${items.map((i) => i.compact).join(',')}]`,
})

const shuffled = (members: readonly Member[]): fc.Arbitrary<readonly Member[]> =>
  fc.shuffledSubarray([...members], { minLength: members.length, maxLength: members.length })

const object = (members: fc.Arbitrary<Member>[]): fc.Arbitrary<Pair> =>
  fc.tuple(...members).chain((made) => fc.tuple(shuffled(made), gap).map(([m, space]) => objectOf(m, space)))

const list = (item: fc.Arbitrary<Pair>): fc.Arbitrary<Pair> =>
  fc.tuple(fc.array(item, { minLength: 1, maxLength: 3 }), gap).map(([items, space]) => listOf(items, space))

const member = (name: string, value: fc.Arbitrary<Pair>): fc.Arbitrary<Member> =>
  fc.tuple(fc.boolean(), value).map(([hidden, v]) => [hidden ? disguised(name) : name, v])

const quantity = object([member('value', decimal.map(same)), member('unit', text.map(same))])
const concept = object([member('text', text.map(same))])
const extension = object([
  member('url', fc.constant(same('"http://example.org/ext"'))),
  fc.oneof(member('valueDecimal', decimal.map(same)), member('valueString', text.map(same))),
])

/** Everything of an Observation but what the server owns, as members in any order. */
const contentMembers = fc
  .tuple(
    member('status', fc.constant(same('"final"'))),
    member('code', concept),
    member('valueQuantity', quantity),
    member('extension', list(extension)),
    member('component', list(object([member('code', concept), member('valueQuantity', quantity)]))),
    member('note', list(object([member('text', text.map(same))]))),
    member('identifier', fc.constant(same('[{"system":"urn:s","value":"round"}]'))),
  )
  .chain((made) => shuffled(made))

const sample = fc.record({
  members: contentMembers,
  tag: text,
  at: fc.array(fc.nat({ max: 7 }), { minLength: 3, maxLength: 3 }),
  space: gap,
})
type Sample = { members: readonly Member[]; tag: string; at: number[]; space: string }

const type: Member = ['resourceType', same('"Observation"')]
const insert = (members: readonly Member[], at: number, ...more: Member[]): Member[] => [
  ...members.slice(0, at),
  ...more,
  ...members.slice(at),
]

/** `meta` as the client sends it, and as it stands in what comes back. */
const metaSent = (tag: string): Member => [
  'meta',
  same(
    `{"versionId":"77","tag":[{"system":"urn:tag","code":"t","display":${tag}}],"lastUpdated":"2001-01-01T00:00:00Z"}`,
  ),
]
const metaStored = (tag: string | undefined, version: number, lastUpdated: string): Member => [
  'meta',
  same(
    `{"versionId":"${version}","lastUpdated":"${lastUpdated}"${tag === undefined ? '' : `,"tag":[{"system":"urn:tag","code":"t","display":${tag}}]`}}`,
  ),
]

t.test('created: id and meta follow resourceType, every other byte stays', async (t) => {
  const { perform } = await openRest(t)
  await fc.assert(
    fc.asyncProperty(sample, async ({ members, at, space }: Sample) => {
      const body = { text: objectOf(insert(members, at[0]!, type), space).spaced }
      const reply = await perform({ interaction: 'create', type: 'Observation', query: [], body })
      const { id, meta } = resourceOf(reply)
      const stored = insert(
        members,
        at[0]!,
        type,
        ['id', same(`"${id}"`)],
        metaStored(undefined, 1, meta.lastUpdated),
      )
      const expected = objectOf(stored, '').compact
      assert.equal(textOf(reply), expected)
      assert.equal(textOf(await perform(read('Observation', id))), expected)
    }),
    { numRuns: 60 },
  )
})

t.test(
  'updated, in a transaction, in history and in a search: id and meta stay in their places',
  async (t) => {
    const { perform } = await openRest(t)
    let version = 0
    await fc.assert(
      fc.asyncProperty(sample, fc.boolean(), async ({ members, tag, at, space }: Sample, inTransaction) => {
        const [a, b, c] = at as [number, number, number]
        const around = (meta: Member): Member[] =>
          insert(insert(insert(members, a, type), b, ['id', same('"r"')]), c, meta)
        const sent = objectOf(around(metaSent(tag)), space).spaced
        if (inTransaction) {
          const entry = `{${space}"request":{"method":"PUT","url":"Observation/r"},${space}"resource"${space}:${space}${sent}}`
          const bundle = `{"resourceType":"Bundle","type":"transaction","entry":[${entry}]}`
          await perform({ interaction: 'transaction', query: [], body: { text: bundle } })
        } else {
          const body = { text: sent }
          await perform({ interaction: 'update', type: 'Observation', id: 'r', query: [], body })
        }
        version++
        const reply = await perform(read('Observation', 'r'))
        const expected = objectOf(
          around(metaStored(tag, version, resourceOf(reply).meta.lastUpdated)),
          '',
        ).compact
        assert.equal(textOf(reply), expected)
        const vread = {
          interaction: 'vread',
          type: 'Observation',
          id: 'r',
          versionId: String(version),
        } as const
        assert.equal(textOf(await perform({ ...vread, query: [] })), expected)
        const history = { interaction: 'history-instance', type: 'Observation', id: 'r' } as const
        assert.ok(
          textOf(await perform({ ...history, query: [['_count', '1']] })).includes(`"resource":${expected},`),
        )
        const search = { interaction: 'search-type', type: 'Observation' } as const
        assert.ok(
          textOf(await perform({ ...search, query: [['identifier', 'urn:s|round']] })).includes(
            `"resource":${expected},`,
          ),
        )
      }),
      { numRuns: 60 },
    )
  },
)

t.test('a patch changes what it names and no other byte of a value', async (t) => {
  const { perform } = await openRest(t)
  await fc.assert(
    fc.asyncProperty(decimal, text, async (number, words) => {
      const body = {
        text: `{"resourceType":"Observation","id":"p","status":"final","code":{"text":${words}},"valueQuantity":{"value":${number}}}`,
      }
      await perform({ interaction: 'update', type: 'Observation', id: 'p', query: [], body })
      const patch = {
        text: '[{"op":"replace","path":"/status","value":"amended"}]',
        patch: 'json-patch',
      } as const
      const reply = await perform({
        interaction: 'patch',
        type: 'Observation',
        id: 'p',
        query: [],
        body: patch,
      })
      assert.ok(textOf(reply).includes(`"valueQuantity":{"value":${number}}`))
      assert.equal(resourceOf(reply).code.text, JSON.parse(words))
    }),
    { numRuns: 30 },
  )
})
