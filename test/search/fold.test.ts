import fc from 'fast-check'
import t from 'tap'
import { fold } from '../../src/search/fold.ts'

t.test('case, accents and white space make no difference', async (t) => {
  const pairs = [
    ['Müller', 'MULLER'],
    ['Straße', 'STRASSE'],
    ['Ana  María', 'ana maria'],
    ['Ångström', 'angstrom'],
    ['Søren Æbelø', 'soren aebelo'],
    ['Łukasz', 'lukasz'],
    ['ΟΔΟΣ', 'οδός'],
    ['İstanbul', 'istanbul'],
    ['O’Brien', "o'brien"],
    ['ﬁn', 'FIN'],
    ['مُحَمَّد', 'محمد'],
    ['Ｔｏｋｙｏ', 'tokyo'],
  ] as const
  for (const [a, b] of pairs) t.equal(fold(a), fold(b), `${a} ${b}`)
})

t.test('letters that differ stay different', async (t) => {
  t.not(fold('が'), fold('か'))
  t.not(fold('कि'), fold('क'))
  t.equal(fold('김민준'), '김민준')
})

t.test('folding twice changes nothing', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => fold(fold(text)) === fold(text)))
})
