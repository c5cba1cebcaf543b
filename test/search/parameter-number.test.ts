/** Side tables know parameters by 32 bits: no two of the specification may meet. */
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { resourceTypes } from '../../src/fhir/resource-types.ts'
import { parameterNumber } from '../../src/search/hash.ts'

const definitions = await loadDefinitions(undefined)

t.test('the numbers of all parameters differ and stay', async (t) => {
  const names = resourceTypes.flatMap((type) =>
    [...definitions.searchParameters(type).keys()].map((code) => `${type}.${code}`),
  )
  t.ok(names.length > 1000)
  t.equal(new Set(names.map(parameterNumber)).size, names.length)
  t.equal(parameterNumber('Patient.name'), -1998555873)
})
