/** Snapshots made from differentials have the elements of the published ones. */
import type { StructureDefinition } from 'fhir/r4.js'
import t from 'tap'
import { snapshotOf } from '../../src/validation/profile/snapshot.ts'
import { treeOf } from '../../src/validation/profile/tree.ts'
import { testCanonicals } from '../support/canonicals.ts'

const canonicals = testCanonicals()
const registry = {
  tree: (url: string) => {
    const definition = canonicals.resolve('StructureDefinition', url)
    return definition?.snapshot && treeOf(definition, definition.snapshot.element)
  },
}

const vitals = [
  'vitalsigns',
  'bp',
  'bodyweight',
  'bmi',
  'oxygensat',
  'lipidprofile',
  'clinicaldocument',
  'actualgroup',
]

t.test('profiles of R4', async (t) => {
  for (const id of vitals) {
    const url = `http://hl7.org/fhir/StructureDefinition/${id}`
    const definition = canonicals.resolve('StructureDefinition', url) as StructureDefinition
    const lost: number[] = []
    const made = snapshotOf(definition, registry, lost) ?? []
    t.same(lost, [], `${id} has a place for all of its differential`)
    const demanding = (definition.snapshot?.element ?? []).filter(
      ({ min, fixedUri, fixedCode, sliceName }) =>
        (min ?? 0) > 0 && (fixedUri ?? fixedCode ?? sliceName) !== undefined,
    )
    for (const element of demanding) {
      // `component.valueQuantity` is here a slice of `value[x]`, and there `value[x]` itself.
      const ids = [
        element.id,
        element.id?.replace(/(value\[x\])$|(value\[x\])(?=\.)/, 'value[x]:valueQuantity'),
      ]
      const own = made.find(({ id }) => ids.includes(id))
      t.same(
        [own?.min, own?.max, own?.fixedUri, own?.fixedCode],
        [element.min, element.max, element.fixedUri, element.fixedCode],
        String(element.id),
      )
    }
  }
})

t.test('what has no base has no snapshot', async (t) => {
  const definition = canonicals.resolve('StructureDefinition', 'http://hl7.org/fhir/StructureDefinition/bp')
  t.equal(
    snapshotOf(
      { ...(definition as StructureDefinition), baseDefinition: 'http://example.org/none' },
      registry,
    ),
    undefined,
  )
})
