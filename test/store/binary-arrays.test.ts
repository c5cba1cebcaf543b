import t from 'tap'
import {
  float8Array,
  hashArray,
  int2Array,
  int4Array,
  int8Array,
  textArray,
  timestampArray,
  uuidArray,
} from '../../src/store/binary-arrays.ts'
import { hashes } from '../support/hashes.ts'
import { openDatabase } from '../support/store.ts'

t.test('PostgreSQL reads what was written', async (t) => {
  const database = await openDatabase(t)
  const uuids = ['01890a5d-ac96-774b-bcce-b302099a8057', 'ffffffff-ffff-7fff-bfff-ffffffffffff']
  const texts = ['', 'plain', undefined, 'Ünï "\\" \u001e {,} 😀', 'NULL', 'x'.repeat(70_000)]
  const values = [
    int2Array([0, -32768, 32767]),
    int4Array([0, -2147483648, 2147483647]),
    int8Array(['0000000000000001', 'ffffffffffffffff', '8000000000000000']),
    float8Array([0, 1767323045678, -0.1]),
    uuidArray(uuids),
    textArray(texts),
  ]
  const text =
    'select $1::int2[]::int[] as a, $2::int[] as b, $3::bigint[]::text[] as c, $4::float8[] as d, $5::uuid[]::text[] as e, $6::text[] as f'
  const [row] = await database.query({ name: '', tenant: null, text, values })
  t.same(row, {
    a: [0, -32768, 32767],
    b: [0, -2147483648, 2147483647],
    c: ['1', '-1', '-9223372036854775808'],
    d: [0, 1767323045678, -0.1],
    e: uuids,
    f: texts.map((one) => one ?? null),
  })
})

t.test('an array without elements', async (t) => {
  const database = await openDatabase(t)
  const text = 'select $1::text[] as a, $2::bigint[] as b'
  const [row] = await database.query({ name: '', tenant: null, text, values: [textArray([]), int8Array([])] })
  t.same(row, { a: [], b: [] })
})

t.test('hashes of several lists, and times', async (t) => {
  const database = await openDatabase(t)
  const lists = [hashes('1', '-1'), hashes(), hashes('9223372036854775807', '-9223372036854775808')]
  const times = [
    '1999-12-31T23:59:59.999Z',
    '2000-01-01T00:00:00.000Z',
    '2026-11-21T20:59:01.123Z',
    '1970-01-01T00:00:00.000Z',
  ]
  const text =
    'select $1::bigint[]::text[] as a, ($1::bigint[])[3:4]::text[] as b, ($1::bigint[])[3:2]::text[] as c, $2::timestamptz[]::text as d'
  const values = [hashArray(lists), timestampArray(times.map((time) => Date.parse(time)))]
  const [row] = await database.query<{ a: string[]; b: string[]; c: string[]; d: string }>({
    name: '',
    tenant: null,
    text,
    values,
  })
  t.same(row?.a, ['1', '-1', '9223372036854775807', '-9223372036854775808'])
  t.same(row?.b, ['9223372036854775807', '-9223372036854775808'])
  t.same(row?.c, [])
  t.same(
    row?.d.match(/[^{",}]+/g)?.map((time) => new Date(time).toISOString()),
    times,
  )
})
