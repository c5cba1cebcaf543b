import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { PackageError } from '../../../../src/fhir/definitions/packages/manifest.ts'
import { readTar } from '../../../../src/fhir/definitions/packages/tar.ts'
import { type Member, tar } from './archive.ts'

const limits = { file: 10_000, total: 1_000_000, files: 100 }

const read = async (
  archive: Buffer,
  wanted: (name: string) => boolean = () => true,
  bounds = limits,
  chunk = archive.length,
): Promise<[string, string][]> => {
  const chunks: Buffer[] = []
  for (let at = 0; at < archive.length; at += chunk) chunks.push(archive.subarray(at, at + chunk))
  const found: [string, string][] = []
  for await (const { name, content } of readTar(Readable.from(chunks), wanted, bounds))
    found.push([name, content.toString()])
  return found
}

t.test('files come out as they went in, however the stream is cut', async (t) => {
  const member = fc.record({
    name: fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8}){0,3}$/),
    content: fc.string({ maxLength: 2000 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { maxLength: 5 }),
      fc.integer({ min: 1, max: 3000 }),
      async (members, cut) => {
        const found = await read(tar(members), () => true, limits, cut)
        t.same(
          found,
          members.map(({ name, content }) => [name, Buffer.from(content).toString()]),
        )
      },
    ),
    { numRuns: 50 },
  )
})

t.test('what is not wanted is passed over, larger than a wanted file may be', async (t) => {
  const archive = tar([
    { name: 'big', content: 'x'.repeat(20_000) },
    { name: 'folder/', type: '5' },
    { name: 'small', content: 'y' },
  ])
  t.same(await read(archive, (name) => name === 'small'), [['small', 'y']])
})

t.test('long names', async (t) => {
  const long = `package/${'n'.repeat(150)}.json`
  const record = ` path=${long}\n`
  const length = String(record.length + 3)
  const pax: Member[] = [
    { name: 'PaxHeader', type: 'x', content: `${length}${record}` },
    { name: 'short', content: '1' },
  ]
  t.same(await read(tar(pax)), [[long, '1']])
  t.same(
    await read(
      tar([
        { name: '././@LongLink', type: 'L', content: `${long}\0` },
        { name: 'short', content: '1' },
      ]),
    ),
    [[long, '1']],
  )
})

t.test('hostile and damaged archives are refused', async (t) => {
  const good = tar([{ name: 'a', content: 'abc' }])
  const bad: Readonly<Record<string, Buffer>> = {
    'leads up': tar([{ name: 'package/../../etc/passwd' }]),
    absolute: tar([{ name: '/etc/passwd' }]),
    backslash: tar([{ name: 'package\\a' }]),
    'symbolic link': tar([{ name: 'a', type: '2' }]),
    'hard link': tar([{ name: 'a', type: '1' }]),
    device: tar([{ name: 'a', type: '3' }]),
    'large file': tar([{ name: 'a', content: 'x'.repeat(10_001) }]),
    'large name': tar([{ name: 'a', type: 'L', content: 'x'.repeat(10_001) }]),
    'many files': tar(Array.from({ length: 101 }, (_, at) => ({ name: `f${at}` }))),
    'cut in the header': good.subarray(0, 100),
    'cut in a file': good.subarray(0, 513),
    'without an end': good.subarray(0, 1024),
    'no tar': Buffer.from('x'.repeat(1024)),
    changed: Buffer.from(good).fill('b', 0, 1),
    empty: Buffer.alloc(0),
  }
  for (const [name, archive] of Object.entries(bad)) await t.rejects(read(archive), PackageError, name)
  await t.rejects(
    read(tar([{ name: 'a', content: 'x'.repeat(9000) }]), () => false, { ...limits, total: 5000 }),
    /more than 5000 bytes/,
    'a bomb, although nothing of it is wanted',
  )
})
