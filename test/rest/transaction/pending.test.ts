/** What conditions see of resources that are about to be written. */
import t from 'tap'
import { createPendingSet, type Pending } from '../../../src/rest/transaction/pending.ts'
import type { Condition } from '../../../src/search/index.ts'

const pending = (type: string, id: string, ...tokens: string[]): Pending => ({
  key: { type, id },
  rows: () => ({ tokens, strings: [], dates: [], quantities: [] }),
})
const condition = (type: string, ...where: object[]): Condition => ({ plan: { type, where } }) as never
const tokens = (...any: string[]): object => ({ kind: 'tokens', any, rank: 'few' })
const ids = (...any: string[]): object => ({ kind: 'ids', any })
const updated = { kind: 'updated', any: [{}] }

t.test('candidates are found by the part of a condition that the fewest may meet', async (t) => {
  const set = createPendingSet([pending('Patient', '1', 'a', 'b'), pending('Patient', '2', 'a', 'a')])
  set.add(pending('Patient', '3', 'c'))
  set.add(pending('Group', '1', 'a'))
  const found = (type: string, ...where: object[]): string[] =>
    set.candidates(condition(type, ...where)).map(({ key }) => key.id)
  t.same(found('Patient', tokens('a')), ['1', '2'])
  t.same(found('Patient', tokens('a', 'b', 'c')), ['1', '2', '3'], 'each once')
  t.same(found('Patient', tokens('a'), tokens('b')), ['1'])
  t.same(found('Patient', tokens('x'), tokens('a')), [])
  t.same(found('Patient', ids('3', '9')), ['3'])
  t.same(found('Patient', updated), ['1', '2', '3'])
  t.same(found('Group', tokens('a')), ['1'])
  t.same(found('Observation', tokens('a')), [])
  set.add(pending('Patient', '4', 'a'))
  t.same(found('Patient', tokens('a')), ['1', '2', '4'], 'what came later too')
  t.ok(set.has({ type: 'Patient', id: '4' }))
  t.notOk(set.has({ type: 'Group', id: '4' }))
})

t.test('rows are made only for conditions that need them', async (t) => {
  const never = { key: { type: 'Patient', id: '1' }, rows: () => t.fail('not asked for') as never }
  const set = createPendingSet([never])
  t.equal(set.candidates(condition('Patient', ids('1'))).length, 1)
  t.equal(set.candidates(condition('Group', tokens('a'))).length, 0)
})
