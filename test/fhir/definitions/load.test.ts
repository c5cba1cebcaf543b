import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'

t.test('the cache is written once, and rebuilt when damaged', async (t) => {
  const folder = join(t.testdir({}), 'deep', 'cache')
  const built = await loadDefinitions(folder)
  const [name = ''] = await readdir(folder)
  t.match(name, /^definitions-\d+\.\d+\.\d+-\d+\.json$/)
  const text = await readFile(join(folder, name), 'utf8')

  const cached = await loadDefinitions(folder)
  t.same([...cached.types.keys()], [...built.types.keys()])
  t.equal(cached.types.get('Patient')?.elements.get('name')?.max, Number.POSITIVE_INFINITY)
  t.same(cached.types.get('date'), built.types.get('date'))

  for (const damaged of ['', text.slice(0, 1000), text.replace('Patient', 'Patiend'), 'no line']) {
    await writeFile(join(folder, name), damaged)
    const rebuilt = await loadDefinitions(folder)
    t.ok(rebuilt.types.has('Patient'))
    t.equal(await readFile(join(folder, name), 'utf8'), text)
  }
  t.same(await readdir(folder), [name], 'no drafts are left')
})

t.test('a folder that cannot be written does not keep the definitions from loading', async (t) => {
  const folder = t.testdir({ file: 'not a folder' })
  t.ok((await loadDefinitions(join(folder, 'file'))).types.has('Patient'))
  await chmod(folder, 0o500)
  t.ok((await loadDefinitions(folder)).types.has('Patient'))
  await chmod(folder, 0o700)
})
