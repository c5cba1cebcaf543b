import t from 'tap'
import { canonicalsOf } from '../../../../src/fhir/definitions/packages/canonicals-of-packs.ts'
import { createPacker } from '../../../../src/fhir/definitions/packages/pack.ts'

const pack = (
  name: string,
  version: string,
  canonical: string | undefined,
  definitions: readonly Readonly<Record<string, unknown>>[],
) => {
  const packer = createPacker({ name, version, dependencies: {}, ...(canonical ? { canonical } : {}) })
  for (const one of definitions) packer.add(one)
  return packer.finish()
}

const set = (url: string, version: string | undefined, title: string, status = 'active') => ({
  resourceType: 'ValueSet',
  url,
  ...(version === undefined ? {} : { version }),
  title,
  status,
})

const url = 'http://a.org/ValueSet/x'

t.test('without a version: the owner of the URL, then what is not retired, then the newest', async (t) => {
  const canonicals = canonicalsOf(
    [
      pack('other', '9.0.0', 'http://b.org', [set(url, '9.0.0', 'copy')]),
      pack('a', '1.0.0', 'http://a.org', [set(url, '1.9.0', 'older'), set(url, '1.10.0', 'newest')]),
      pack('a', '2.0.0', 'http://a.org', [set(url, '2.0.0', 'given up', 'retired')]),
    ],
    3,
  )
  t.equal(canonicals.generation, 3)
  t.equal(canonicals.resolve('ValueSet', url)?.title, 'newest')
  t.equal(canonicals.resolve('ValueSet', `${url}|9.0.0`)?.title, 'copy')
  t.equal(canonicals.resolve('ValueSet', `${url}|1`)?.title, 'newest', 'partial')
  t.equal(canonicals.resolve('ValueSet', `${url}|2.0`)?.title, 'given up')
  t.equal(canonicals.resolve('ValueSet', `${url}|3.0.0`), undefined)
  t.equal(canonicals.resolve('ValueSet', `${url}y`), undefined)
  t.equal(canonicals.resolve('CodeSystem', url), undefined)
  t.same(
    canonicals.list('ValueSet').map(({ version, source }) => `${version} ${source}`),
    ['1.10.0 a#1.0.0', '1.9.0 a#1.0.0', '2.0.0 a#2.0.0', '9.0.0 other#9.0.0'],
  )
})

t.test('a version may be that of the package, as R4 names value sets of v3', async (t) => {
  const canonicals = canonicalsOf([pack('core', '4.0.1', undefined, [set(url, '2018-08-12', 'v3')])], 0)
  t.equal(canonicals.resolve('ValueSet', `${url}|4.0.1`)?.title, 'v3')
  t.equal(canonicals.resolve('ValueSet', `${url}|2018-08-12`)?.title, 'v3')
  t.equal(canonicals.resolve('ValueSet', `${url}|4.0.0`), undefined)
})

t.test('the same object, as long as somebody holds it', async (t) => {
  const many = Array.from({ length: 400 }, (_, at) => set(`${url}${at}`, '1', 'x'.repeat(50_000)))
  const canonicals = canonicalsOf([pack('a', '1.0.0', undefined, many)], 0)
  const first = canonicals.resolve('ValueSet', `${url}0`)
  for (let at = 1; at < many.length; at++) {
    const one = canonicals.resolve('ValueSet', `${url}${at}`)
    t.equal(one?.url, `${url}${at}`)
  }
  t.equal(canonicals.resolve('ValueSet', `${url}0`), first)
  t.equal(canonicals.resolve('ValueSet', `${url}0|1`), first)
})
