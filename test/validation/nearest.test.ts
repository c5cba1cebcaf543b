import t from 'tap'
import { nearest } from '../../src/validation/nearest.ts'

t.test('a misspelt name, and one that is too far from all', async (t) => {
  const known = ['family', 'given', 'period', 'birthDate']
  t.equal(nearest('familly', known), 'family')
  t.equal(nearest('birthdate', known), 'birthDate')
  t.equal(nearest('telephone', known), undefined)
  t.equal(nearest('', known), undefined)
  t.equal(nearest('x'.repeat(1_000_000), known), undefined)
})
