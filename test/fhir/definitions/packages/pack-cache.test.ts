import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { createPacker, type Pack, unpack } from '../../../../src/fhir/definitions/packages/pack.ts'
import { cachedPack } from '../../../../src/fhir/definitions/packages/pack-cache.ts'

const sets = Array.from({ length: 300 }, (_, at) => ({
  resourceType: 'ValueSet',
  url: `http://a.org/ValueSet/${at}`,
  version: '1.0.0',
  description: `${at} ü `.repeat(at),
}))

const build = async (): Promise<Pack> => {
  const packer = createPacker({ name: 'a', version: '1.0.0', dependencies: {} })
  for (const one of sets) packer.add(one)
  return packer.finish()
}

const contentOf = (pack: Pack) => pack.entries.map((entry) => unpack(pack, entry).json)

const never = async (): Promise<Pack> => {
  throw new Error('built again')
}

t.test('written once, and built again when it is damaged', async (t) => {
  const folder = join(t.testdir({}), 'deep', 'cache')
  t.same(contentOf(await cachedPack(folder, 'a-1.0.0', build)), sets)
  t.same(contentOf(await cachedPack(folder, 'a-1.0.0', never)), sets)
  const [name = '', ...others] = await readdir(folder)
  t.same(others, [])
  const file = join(folder, name)
  const good = await readFile(file)
  const changed = Buffer.from(good)
  changed[good.length - 100]! ^= 1
  for (const damaged of [Buffer.alloc(0), good.subarray(0, 500), changed, Buffer.from('no line')]) {
    await writeFile(file, damaged)
    t.same(contentOf(await cachedPack(folder, 'a-1.0.0', build)), sets)
    t.ok((await readFile(file)).equals(good))
  }
  t.same(await readdir(folder), [name], 'no drafts are left')
  await t.rejects(cachedPack(folder, 'a-1.0.1', never), /built again/, 'another version is another file')
})

t.test('several first starts at once', async (t) => {
  const folder = join(t.testdir({}), 'cache')
  const packs = await Promise.all(Array.from({ length: 8 }, () => cachedPack(folder, 'a-1.0.0', build)))
  for (const pack of packs) t.same(contentOf(pack), sets)
  t.equal((await readdir(folder)).length, 1)
})

t.test('a folder that cannot be written costs only the building', async (t) => {
  const closed = t.testdir({ file: 'not a folder' })
  t.same(contentOf(await cachedPack(join(closed, 'file'), 'a-1.0.0', build)), sets)
  t.same(await readdir(closed), ['file'])
  t.same(contentOf(await cachedPack(undefined, 'a-1.0.0', build)), sets)
})
