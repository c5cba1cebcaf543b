import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { unpack } from '../../../../src/fhir/definitions/packages/pack.ts'
import { readTgz } from '../../../../src/fhir/definitions/packages/tgz.ts'
import { packageOf, tgz } from './archive.ts'

const manifest = {
  name: 'example.colours',
  version: '1.2.0',
  fhirVersions: ['4.0.1'],
  dependencies: { a: '1' },
}
const colours = {
  resourceType: 'ValueSet',
  id: 'colours',
  url: 'http://example.org/ValueSet/colours',
  version: '1.0.0',
  name: 'Colours',
  status: 'active',
  text: { status: 'generated', div: '<div>…</div>' },
}

const read = (archive: Buffer) => readTgz(() => Readable.from([archive]))

t.test('a package', async (t) => {
  const members = [
    ...packageOf(manifest, [colours, { resourceType: 'Patient', id: 'p' }]),
    { name: 'package/ValueSet-none.json', content: '{"resourceType":"ValueSet"}' },
    { name: 'package/example/ValueSet-other.json', content: 'not read' },
    { name: 'package/other/notes.txt', content: 'not read' },
  ]
  const pack = await read(tgz(members))
  t.match(pack.manifest, { name: 'example.colours', version: '1.2.0', dependencies: { a: '1' } })
  t.equal(pack.entries.length, 1, 'examples, other types and what has no url are left out')
  const { text: _, ...rest } = colours
  t.same(unpack(pack, pack.entries[0]!).json, rest, 'whole but for the narrative')
})

t.test('what is not a package for R4 is refused with a sentence', async (t) => {
  const of = (json: unknown) => tgz(packageOf(json as Record<string, unknown>, [colours]))
  const deep = `{"resourceType":"ValueSet","url":"http://a.org","x":${'['.repeat(200)}${']'.repeat(200)}}`
  const bad: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.from('no gzip'), /not a gzip file/],
    [tgz([]), /not a FHIR package/],
    [gzipSync('no tar'.repeat(200)), /not a tar archive/],
    [tgz(packageOf(manifest, [colours])).subarray(0, 200), /not a gzip file|cut short/],
    [of([]), /not a resource in JSON|not a JSON object/],
    [of({ ...manifest, name: '../../etc' }), /no proper name/],
    [of({ ...manifest, version: 'a b' }), /no proper version/],
    [of({ ...manifest, fhirVersions: ['5.0.0'] }), /for FHIR 5\.0\.0/],
    [
      tgz([...packageOf(manifest, []), { name: 'package/ValueSet-a.json', content: '{' }]),
      /not a resource in JSON/,
    ],
    [
      tgz([...packageOf(manifest, []), { name: 'package/ValueSet-a.json', content: deep }]),
      /nested too deeply/,
    ],
    [tgz([...packageOf(manifest, []), { name: 'package/x', type: '2' }]), /links/],
    [tgz([...packageOf(manifest, []), { name: '../x' }]), /leads out/],
  ]
  for (const [archive, reason] of bad)
    await t.rejects(read(archive), { name: 'PackageError', message: reason })
})
