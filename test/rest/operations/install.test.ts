/** $install takes a package's definitions in, $uninstall deletes them. */
import t from 'tap'
import { loadCanonicals } from '../../../src/fhir/definitions/load-canonicals.ts'
import { packageOf, tgz } from '../../fhir/definitions/packages/archive.ts'
import { create, openRest, refusal, resourceOf } from '../../support/rest.ts'

const call = (operation: string, parameter: readonly object[]) => ({
  interaction: 'operation' as const,
  type: 'ImplementationGuide',
  operation,
  posted: true,
  query: [],
  body: { text: JSON.stringify({ resourceType: 'Parameters', parameter }) },
})

const install = (archive: Buffer) =>
  call('install', [{ name: 'package', valueBase64Binary: archive.toString('base64') }])

const uninstall = (name: string, version: string) =>
  call('uninstall', [
    { name: 'name', valueString: name },
    { name: 'version', valueString: version },
  ])

const url = 'http://example.org/ValueSet/colours'
const colours = (more: object = {}) => ({
  resourceType: 'ValueSet',
  id: 'colours',
  url,
  version: '1.0.0',
  name: 'Colours',
  status: 'active',
  ...more,
})
const manifest = { name: 'example.colours', version: '1.0.0', dependencies: { 'example.shapes': '2.0.0' } }
const naming = {
  resourceType: 'NamingSystem',
  id: 'n',
  name: 'Numbers',
  status: 'active',
  kind: 'identifier',
  date: '2026-01-01',
  uniqueId: [{ type: 'uri', value: 'http://example.org/numbers' }],
}

t.test('definitions are installed, known at once, replaced and deleted', async (t) => {
  const { perform, posted } = await openRest(t)
  const known = async () => (await posted.refresh(1)).canonicals.resolve('ValueSet', `${url}|1.0.0`)
  const count = async (type: string) =>
    resourceOf(
      await perform({
        interaction: 'search-type',
        type,
        query: [
          ['_source', 'example.colours#1.0.0'],
          ['_summary', 'count'],
        ],
      }),
    ).total
  await perform(create('ValueSet', { ...colours(), id: undefined, version: '0.9.0', title: "a user's own" }))

  const broken = { resourceType: 'CodeSystem', id: 'x', url: 'http://example.org/x', nonsense: true }
  const first = await perform(
    install(tgz(packageOf(manifest, [colours({ title: 'first' }), naming, broken]))),
  )
  const { issue } = resourceOf(first)
  t.match(issue, [
    { severity: 'information', diagnostics: 'Installed 2 definitions of example.colours#1.0.0.' },
    { severity: 'warning', diagnostics: /example\.shapes#2\.0\.0/ },
    { severity: 'error', diagnostics: /CodeSystem http:\/\/example\.org\/x.*nonsense/ },
  ])
  t.match(await known(), { title: 'first', meta: { source: 'example.colours#1.0.0' } })

  await perform(install(tgz(packageOf(manifest, [colours({ title: 'second' }), naming]))))
  t.match(await known(), { title: 'second' })
  t.equal(await count('ValueSet'), 1, 'what was installed before is replaced')
  t.equal(await count('NamingSystem'), 1)

  await perform(uninstall('example.colours', '1.0.0'))
  t.equal(await known(), undefined)
  t.equal(await count('NamingSystem'), 0)
  const left = resourceOf(
    await perform({ interaction: 'search-type', type: 'ValueSet', query: [['url', url]] }),
  )
  t.match(left.entry, [{ resource: { title: "a user's own" } }])
  t.equal((await refusal(perform(uninstall('example.colours', '1.0.0')))).status, 404)
})

t.test(
  'what a package says is checked for its structure, what users write against profiles too',
  async (t) => {
    const { canonicals } = await loadCanonicals(undefined)
    const validation = { mode: 'standard', bestPractice: 'ignore', enforced: new Map() } as const
    const { perform, posted } = await openRest(t, { canonicals, validation })
    // Neither system nor value sets: the constraint vsd-1 of ValueSet.
    const careless = colours({ compose: { include: [{ concept: [{ code: 'red' }] }] } })
    const refused = { status: 422, issues: [{ rule: 'vsd-1' }] }
    t.match(await refusal(perform(create('ValueSet', { ...careless, id: undefined }))), refused)
    const { issue } = resourceOf(await perform(install(tgz(packageOf(manifest, [careless])))))
    t.match(issue[0], { diagnostics: 'Installed 1 definition of example.colours#1.0.0.' })
    t.ok((await posted.refresh(1)).canonicals.resolve('ValueSet', url))
    t.match(await refusal(perform(create('ValueSet', { ...careless, id: undefined }))), refused)
  },
)

t.test('a package in which nothing is found says so', async (t) => {
  const { perform } = await openRest(t)
  const [, about] = packageOf(manifest, [colours()])
  const unnamed = { name: 'package/colours.json', content: JSON.stringify(colours()) }
  const { issue } = resourceOf(await perform(install(tgz([unnamed, about!]))))
  t.match(issue.slice(0, 2), [
    { severity: 'information', diagnostics: /^Installed 0 definitions / },
    { severity: 'warning', code: 'not-found', diagnostics: /named by their type/ },
  ])
})

t.test('a guide refers to its definitions in full', async (t) => {
  const { perform } = await openRest(t)
  const guide = {
    resourceType: 'ImplementationGuide',
    id: 'g',
    url: 'http://example.org/ImplementationGuide/g',
    version: '1.0.0',
    name: 'G',
    status: 'active',
    packageId: 'example.colours',
    fhirVersion: ['4.0.1'],
    definition: { resource: [{ reference: { reference: 'ValueSet/colours' } }] },
  }
  const archive = tgz(packageOf({ ...manifest, canonical: 'http://example.org' }, [guide, colours()]))
  t.match(resourceOf(await perform(install(archive))).issue[0].diagnostics, /^Installed 2 /)
  const found = resourceOf(
    await perform({ interaction: 'search-type', type: 'ImplementationGuide', query: [] }),
  )
  t.equal(
    found.entry[0].resource.definition.resource[0].reference.reference,
    'http://example.org/ValueSet/colours',
  )
})

t.test('more definitions than go into one Bundle', async (t) => {
  const { perform } = await openRest(t)
  const many = Array.from({ length: 230 }, (_, at) => colours({ id: `c${at}`, url: `${url}${at}` }))
  const { issue } = resourceOf(await perform(install(tgz(packageOf(manifest, many)))))
  t.match(issue[0].diagnostics, /^Installed 230 /)
  t.match(resourceOf(await perform(uninstall('example.colours', '1.0.0'))).issue, [
    { diagnostics: /^Deleted 230 / },
  ])
})

t.test('what is no package is refused', async (t) => {
  const { perform } = await openRest(t)
  for (const archive of [Buffer.from('x'), tgz([]), tgz([{ name: '../x' }])]) {
    const { status, issues } = await refusal(perform(install(archive)))
    t.equal(status, 400)
    t.match(issues, [{ diagnostics: /^The package cannot be installed\./ }])
  }
})
