import t from 'tap'
import { createPreparedNames } from '../../src/store/prepared-names.ts'

t.test('a shape gets its name when it comes up again, and only so many do', async (t) => {
  const nameOf = createPreparedNames(2)
  t.same(['a', 'b', 'c'].map(nameOf), [undefined, undefined, undefined])
  t.same(['a', 'b', 'c', 'a', 'b', 'c'].map(nameOf), ['a', 'b', undefined, 'a', 'b', undefined])
})

t.test('a flood of shapes neither gets names nor takes those that are there', async (t) => {
  const nameOf = createPreparedNames(10)
  nameOf('search')
  t.equal(nameOf('search'), 'search')
  for (let n = 0; n < 50_000; n++) nameOf(`shape ${n}`)
  t.equal(nameOf('search'), 'search')
  t.equal(nameOf('shape 3'), undefined)
})
