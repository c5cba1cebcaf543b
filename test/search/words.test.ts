import t from 'tap'
import { plainText } from '../../src/search/words.ts'

const words = (xhtml: string): string => plainText(xhtml).replace(/\s+/g, ' ').trim()

t.test('what a reader sees of a narrative', async (t) => {
  t.equal(
    words('<div><p>Blood<br/>pressure</p><!-- not <b>this</b> -->&amp; pulse</div>'),
    'Blood pressure & pulse',
  )
  t.equal(words('<div title="a">x<!-- a <!-- b --> y</div>'), 'x y')
  t.equal(words('<div>x<!-- never closed'), 'x')
})

t.test('what is never closed is not looked for again and again', async (t) => {
  const many = 200_000
  for (const part of ['<div ', '<!--', '&a', '<!-- --'])
    t.ok(plainText(part.repeat(many)).length <= part.length * many, part)
})
