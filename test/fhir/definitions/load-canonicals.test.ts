import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { CanonicalType } from '../../../src/fhir/definitions/canonicals.ts'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { loadCanonicals } from '../../../src/fhir/definitions/load-canonicals.ts'
import { packageOf, tgz } from './packages/archive.ts'

const folder = join(t.testdir({}), 'deep', 'cache')
const { canonicals, packages, refused } = await loadCanonicals(folder)

const canonicalTypes: readonly CanonicalType[] = [
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'SearchParameter',
  'OperationDefinition',
  'Questionnaire',
  'NamingSystem',
  'ImplementationGuide',
]

t.test('which packages there are', async (t) => {
  t.same(refused, [])
  t.same(packages.map(({ name }) => name).sort(), [
    'hl7.fhir.r4.core',
    'hl7.fhir.us.core',
    'hl7.fhir.uv.extensions.r4',
    'hl7.fhir.uv.ips',
    'hl7.fhir.uv.sdc',
    'hl7.terminology.r4',
    'lamplight',
  ])
  t.match(packages.find(({ name }) => name === 'hl7.fhir.uv.ips')?.missing, [/^hl7\.fhir\.uv\.ipa#/])
})

t.test('every definition is found by its canonical and says what the index says of it', async (t) => {
  const wrong: string[] = []
  let seen = 0
  for (const type of canonicalTypes)
    for (const entry of canonicals.list(type)) {
      const canonical = entry.version === undefined ? entry.url : `${entry.url}|${entry.version}`
      const found = canonicals.resolve(type, canonical)
      seen++
      if (found?.resourceType !== type) wrong.push(`${type} ${canonical}`)
      else if (entry.name !== undefined && found.name === undefined) wrong.push(`${type} ${canonical} name`)
    }
  t.same(wrong, [])
  t.ok(seen > 9000)
})

t.test('every type and profile of R4, in its own version, with a snapshot', async (t) => {
  const { types } = await loadDefinitions(undefined)
  for (const { name, kind } of types.values()) {
    if (kind === 'backbone') continue
    const found = canonicals.resolve('StructureDefinition', `http://hl7.org/fhir/StructureDefinition/${name}`)
    if (found?.version !== '4.0.1' || !found.snapshot) t.fail(name)
  }
  for (const one of ['vitalsigns', 'bodyweight', 'patient-birthPlace', 'SimpleQuantity'])
    t.match(canonicals.resolve('StructureDefinition', `http://hl7.org/fhir/StructureDefinition/${one}`), {
      version: '4.0.1',
    })
})

const elementPaths = (name: string): readonly string[] =>
  canonicals
    .resolve('StructureDefinition', `http://hl7.org/fhir/StructureDefinition/${name}`)
    ?.snapshot?.element.map(({ path }) => path) ?? []

t.test("R4 as HL7 published it, without anybody's additions", async (t) => {
  for (const path of ['Meta.project', 'Binary.url', 'ResearchStudy.name', 'HealthcareService.offeredIn'])
    t.notOk(elementPaths(path.split('.')[0]!).includes(path), path)
  t.equal(
    canonicals.resolve('StructureDefinition', 'http://hl7.org/fhir/StructureDefinition/SubscriptionStatus'),
    undefined,
  )
  t.equal(
    canonicals.list('Questionnaire').some(({ source }) => source.startsWith('hl7.fhir.r4.core#')),
    false,
  )
})

t.test('who owns a URL', async (t) => {
  const sourceOf = (type: CanonicalType, url: string) =>
    canonicals.list(type).find((entry) => entry.url === url)?.source
  t.match(
    sourceOf('StructureDefinition', 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace'),
    'hl7.fhir.r4.core',
  )
  t.match(sourceOf('CodeSystem', 'http://terminology.hl7.org/CodeSystem/v3-ActCode'), 'hl7.terminology.r4')
  t.match(
    sourceOf('StructureDefinition', 'http://hl7.org/fhir/StructureDefinition/individual-genderIdentity'),
    'hl7.fhir.uv.extensions.r4',
  )
  t.match(sourceOf('NamingSystem', 'http://terminology.hl7.org/NamingSystem/CVX'), 'hl7.terminology.r4')
  t.equal(
    canonicals.resolve('ValueSet', 'http://terminology.hl7.org/ValueSet/v3-NullFlavor|4.0.1')?.version,
    '2018-08-12',
    'the version of R4 stands for what R4 carries',
  )
})

const url = 'http://example.org/ValueSet/colours'
const colours = (title: string) => ({
  resourceType: 'ValueSet',
  id: 'colours',
  url,
  version: '1.0.0',
  title,
  status: 'active',
})
const manifest = { name: 'example.colours', version: '1.0.0', canonical: 'http://example.org' }

const load = async (packagesFolder: string) => {
  const loaded = await loadCanonicals(folder, packagesFolder)
  return { ...loaded, title: loaded.canonicals.resolve('ValueSet', url)?.title }
}

t.test("packages in the operator's folder", async (t) => {
  const own = t.testdir({})
  const file = join(own, 'colours.tgz')
  const dependencies = {
    'hl7.fhir.r4.core': '4.0.1',
    'example.shapes': '1.0.0',
    'hl7.terminology.r4': '99.0.0',
  }
  await writeFile(file, tgz(packageOf({ ...manifest, dependencies }, [colours('first')])))
  await writeFile(join(own, 'broken.tgz'), 'broken')
  await writeFile(join(own, 'notes.txt'), 'not looked at')
  const first = await load(own)
  t.equal(first.title, 'first')
  t.match(
    first.packages.find(({ name }) => name === 'example.colours'),
    {
      from: 'folder',
      definitions: 1,
      missing: ['example.shapes#1.0.0'],
      older: ['hl7.terminology.r4#99.0.0'],
    },
  )
  t.match(first.refused, [{ file: 'broken.tgz', reason: /gzip/ }])
  t.equal((await load(own)).title, 'first', 'from the cache')

  await writeFile(file, tgz(packageOf(manifest, [colours('second')])))
  t.equal((await load(own)).title, 'second', 'a file that was replaced is read again')

  await copyFile(file, join(own, 'copy.tgz'))
  t.equal((await load(own)).packages.filter(({ name }) => name === 'example.colours').length, 1)
})

t.test('the package of the operator replaces the one of the server', async (t) => {
  const own = t.testdir({})
  const race = {
    resourceType: 'ValueSet',
    id: 'race',
    url: 'http://hl7.org/fhir/us/core/ValueSet/omb-race-category',
  }
  const us = { name: 'hl7.fhir.us.core', version: '5.0.1', canonical: 'http://hl7.org/fhir/us/core' }
  await writeFile(join(own, 'us.tgz'), tgz(packageOf(us, [race])))
  const { canonicals: some, packages: there } = await loadCanonicals(folder, own)
  t.ok(some.resolve('ValueSet', race.url))
  t.same(
    there.filter(({ name }) => name === us.name).map(({ from }) => from),
    ['folder'],
  )
})

t.test('a folder that is not there is said', async (t) => {
  const { refused: reasons } = await loadCanonicals(folder, join(folder, 'none'))
  t.match(reasons, [{ reason: /ENOENT/ }])
})
