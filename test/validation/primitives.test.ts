import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { primitives } from '../../src/validation/primitives.ts'

const definitions = await loadDefinitions(undefined)
const accepts = (type: string, value: unknown): boolean => primitives[type]?.accepts(value) ?? false

t.test('every primitive type of the definitions, with its JSON type', async (t) => {
  const types = [...definitions.types.values()].filter((type) => type.kind === 'primitive')
  t.same(Object.keys(primitives).sort(), types.map((type) => type.name).sort())
  for (const type of types) t.equal(primitives[type.name]?.json, type.json, type.name)
})

t.test('right and wrong values', async (t) => {
  const cases: Record<string, readonly [right: readonly unknown[], wrong: readonly unknown[]]> = {
    base64Binary: [
      ['AAAA', 'AA==', 'AAA=', 'AA\nAA', 'AA AA\r\nAA= ='],
      ['', 'A', 'AA', 'AAA', '====', 'A===', 'AA=A', 'AAé=', ' ', 'AA==AA=='],
    ],
    boolean: [
      [true, false],
      ['true', 0, null],
    ],
    canonical: [['http://x.org/a|1.0#b'], ['a b', '']],
    code: [
      ['a', 'a b', '<=', 'ä'],
      ['', ' a', 'a ', 'a  b', '\u00001', 1],
    ],
    decimal: [
      [0, -1.5, 1e300],
      ['1', Number.POSITIVE_INFINITY, Number.NaN, null],
    ],
    id: [
      ['a', 'A-1.b', 'x'.repeat(64)],
      ['', 'x'.repeat(65), 'a_b', 'a/b', 'é', 1],
    ],
    integer: [
      [0, -2147483648, 2147483647],
      [1.5, 2147483648, -2147483649, '1'],
    ],
    markdown: [['# a\n\n* b\t'], ['', '\u0007']],
    oid: [['urn:oid:1.2.3'], ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1']],
    positiveInt: [
      [1, 2147483647],
      [0, -1, 2147483648],
    ],
    string: [
      ['a', ' ', 'é\t\r\n', '🙂', 'x'.repeat(1024 * 1024)],
      ['', 'a\u0000', 'a\u001f', 'x'.repeat(1024 * 1024 + 1), 1],
    ],
    unsignedInt: [
      [0, 7],
      [-1, 1.1],
    ],
    uri: [
      ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520', '#p1', 'ä'],
      ['', 'a b', 'a\n'],
    ],
    url: [['http://x.org'], ['http://x .org']],
    uuid: [
      ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
      ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:C757873D-ec9a-4326-a141-556f43239520'],
    ],
    xhtml: [
      ['<div xmlns="http://www.w3.org/1999/xhtml">a</div>', '\n<div/>'],
      ['', 'a', '<p>a</p>', '<divider>', 1],
    ],
  }
  for (const [type, [right, wrong]] of Object.entries(cases)) {
    for (const value of right) t.ok(accepts(type, value), `${type} ${String(value).slice(0, 60)}`)
    for (const value of wrong) t.notOk(accepts(type, value), `${type} ${String(value).slice(0, 60)}`)
  }
})

t.test('what the published expressions refuse is refused', async (t) => {
  const samples = [
    '',
    ' ',
    'a',
    'A b',
    'a  b',
    '1',
    '-1',
    '0',
    '01',
    '1.2',
    '2024',
    '2024-02',
    '2024-02-28',
    '2024-2-1',
    '10:00:00',
  ]
  const more = [
    '2024-02-28T10:00:00Z',
    '2024-02-28T10:00:00',
    '2024-02-28T10:00',
    'urn:oid:1.2',
    'urn:oid:1.02',
    'AAAA',
    'AAA',
    'x'.repeat(65),
  ]
  for (const [type, { pattern }] of definitions.types)
    for (const sample of [...samples, ...more])
      if (pattern && primitives[type]?.json === 'string' && !pattern.test(sample))
        t.notOk(accepts(type, sample), `${type} ${sample}`)
})

t.test('long hostile texts take linear time', async (t) => {
  t.ok(accepts('base64Binary', 'AAAA'.repeat(3_000_000)))
  t.ok(accepts('base64Binary', 'AAAA\n'.repeat(1_000_000)))
  t.notOk(accepts('base64Binary', `${'AAAA '.repeat(1_000_000)}!`))
  t.notOk(accepts('base64Binary', '= '.repeat(1_000_000)))
  t.notOk(accepts('code', `${'a '.repeat(500_000)} `))
  t.notOk(accepts('uri', `${'a'.repeat(1_000_000)} `))
  t.notOk(accepts('xhtml', ' '.repeat(1_000_000)))
  t.notOk(accepts('oid', `urn:oid:1${'.1'.repeat(500_000)}x`))
})
