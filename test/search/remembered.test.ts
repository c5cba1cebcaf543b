import t from 'tap'
import { remembering } from '../../src/search/remembered.ts'

t.test('what was made of the same names is the same', async (t) => {
  let made = 0
  const joined = remembering((a, b, c) => ({ text: `${a}|${b}|${c}`, made: made++ }))
  t.equal(joined('a', 'b', 'c'), joined('a', 'b', 'c'))
  t.not(joined('a', 'b', 'd'), joined('a', 'b', 'c'))
  t.not(joined('', 'ab', 'c'), joined('a', 'b', 'c'))
  t.equal(joined('', 'ab', 'c').text, '|ab|c')
})

t.test('long names and too many of them are not kept', async (t) => {
  const joined = remembering((a, b, c) => ({ text: a + b + c }))
  const long = 'x'.repeat(301)
  t.not(joined('', '', long), joined('', '', long))
  const first = joined('', '', 'first')
  for (let n = 0; n < 30_000; n++) joined('', '', String(n))
  t.not(joined('', '', 'first'), first, 'forgotten when there were too many')
  t.equal(joined('', '', 'first').text, 'first')
})
