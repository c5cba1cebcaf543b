/** Language tags of registered subtags are accepted in any case, and others are not: https://www.rfc-editor.org/rfc/rfc5646 */
import fc from 'fast-check'
import t from 'tap'
import { bcp47 } from '../../../src/terminology/grammars/bcp-47.ts'

const accepts = (code: string): boolean => typeof bcp47.find(code) === 'object'

const optional = (...all: string[]): fc.Arbitrary<string> =>
  fc.constantFrom('', ...all.map((one) => `-${one}`))
const tag = fc
  .tuple(
    fc.constantFrom('de', 'en', 'fr', 'zh', 'sr', 'mas', 'qaa'),
    optional('Latn', 'Cyrl', 'Hans', 'Qaaa'),
    optional('AT', 'US', '419', 'CN', 'XA'),
    optional('1996', 'rozaj'),
    optional('u-co-phonebk', 'a-bbb-ccc'),
    optional('x-private', 'x-a-1'),
  )
  .map((parts) => parts.join(''))

const cased = fc
  .tuple(tag, fc.constantFrom('toLowerCase', 'toUpperCase', 'toString'))
  .map(([code, way]) => code[way as 'toLowerCase']())

t.test('tags of registered subtags in their order', async (t) => {
  fc.assert(fc.property(cased, (code) => accepts(code)))
  t.pass()
})

t.test('subtags that are not registered, twice there, or in another order', async (t) => {
  const broken = fc.constantFrom<(code: string) => string>(
    (code) => `${code}-`,
    (code) => `-${code}`,
    (code) => code.replace('-', '--').padEnd(code.length + 1, '-'),
    (code) => `zq${code}`,
    (code) => `${code}_AT`,
    (code) => `${code} `,
    () => 'de-Zzzy',
    () => 'de-AT-Latn',
    () => 'de-1996-1996',
    () => 'en-a-bb-a-cc',
    () => 'de-ZQ',
  )
  fc.assert(fc.property(tag, broken, (code, breaking) => !accepts(breaking(code))))
  t.pass()
})

t.test('any text gets an answer', async (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 150 }), (code) =>
      ['object', 'string'].includes(typeof bcp47.find(code)),
    ),
  )
  t.notOk(accepts(''))
})
