import type { TerminologyCapabilities } from 'fhir/r4.js'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createStructure } from '../../src/validation/structure.ts'
import { openRest, resourceOf, update } from '../support/rest.ts'

t.test('TerminologyCapabilities tell what can be asked', async (t) => {
  const { perform } = await openRest(t)
  const ask = async () =>
    resourceOf(
      await perform({ interaction: 'capabilities', query: [['mode', 'terminology']] }),
    ) as unknown as TerminologyCapabilities
  const { explain } = createStructure(await loadDefinitions(undefined))
  const before = await ask()
  t.strictSame(explain(JSON.parse(JSON.stringify(before))), [])
  t.ok(before.codeSystem?.some(({ uri }) => uri === 'http://unitsofmeasure.org'))
  t.ok(before.expansion?.parameter?.some(({ name }) => name === 'displayLanguage'))

  const system = {
    resourceType: 'CodeSystem',
    url: 'http://x/s',
    version: '2',
    status: 'active',
    content: 'complete',
  }
  await perform(update('CodeSystem', 's', { ...system, id: 's' }))
  t.match(
    (await ask()).codeSystem?.find(({ uri }) => uri === 'http://x/s'),
    { version: [{ code: '2', isDefault: true }] },
    'what users post is among it',
  )
})
