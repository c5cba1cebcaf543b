import t from 'tap'
import { remembered, rememberedOfThree } from '../../src/base/remembered.ts'

t.test('a code is judged once, a very long one each time, and the memory is bounded', (t) => {
  let judged = 0
  const find = remembered(
    (code) => {
      judged++
      return { code, display: code.toUpperCase() }
    },
    { most: 5000, longest: 200 },
  )
  t.equal(find('mg'), find('mg'), 'the same answer')
  t.equal(judged, 1)
  const long = 'm'.repeat(201)
  find(long)
  find(long)
  t.equal(judged, 3, 'what is too long to be kept is judged again')
  for (let i = 0; i < 5000; i++) find(`u${i}`)
  find('mg')
  t.equal(judged, 5004, 'it began anew')
  t.end()
})

t.test('of three texts', (t) => {
  let made = 0
  const joined = rememberedOfThree((a, b, c) => ({ text: `${a}|${b}|${c}`, made: made++ }), {
    most: 100,
    longest: 20,
  })
  const first = joined('a', 'b', 'c')
  t.equal(joined('a', 'b', 'c'), first)
  t.not(joined('ab', '', 'c'), first)
  t.not(joined('a', 'b', 'c'.repeat(19)), joined('a', 'b', 'c'.repeat(19)), 'too long together')
  for (let n = 0; n < 100; n++) joined('', '', String(n))
  t.not(joined('a', 'b', 'c'), first, 'forgotten when there were too many')
  t.end()
})
