import t from 'tap'
import { nearest } from '../../src/base/nearest.ts'

const known = ['Patient', 'Practitioner', 'Observation', 'List']

t.test('the word that was meant', async (t) => {
  t.equal(nearest('Patiens', known), 'Patient')
  t.equal(nearest('patient', known), 'Patient')
  t.equal(nearest('Obsevration', known), 'Observation')
  t.equal(nearest('Lists', known), 'List')
})

t.test('no word when none is near', async (t) => {
  t.equal(nearest('Zebra', known), undefined)
  t.equal(nearest('', known), undefined)
  t.equal(nearest('x'.repeat(100_000), known), undefined)
})
