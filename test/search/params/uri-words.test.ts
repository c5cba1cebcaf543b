import t from 'tap'
import { readUriToken, uriWord, versionsAbove, versionWords } from '../../../src/search/params/uri-words.ts'

t.test('versions', async (t) => {
  t.same(versionsAbove('http://a|1.2.3'), ['http://a|1.2.3', 'http://a|1.2', 'http://a|1'])
  t.same(versionsAbove('http://a'), ['http://a'])
  t.equal(versionWords('http://a|1'), '')
  t.equal(versionWords('http://a|1.2'), 'http://a|1.2 http://a|1')
})

t.test('tokens of uris', async (t) => {
  t.same(readUriToken('Patient._profile|http://a/b'), {
    parameter: 'Patient._profile',
    words: 'http://a/b http://a/ http://a',
  })
  t.same(readUriToken('Patient._profile|http://a/b|2.0')?.words, 'http://a/b|2.0 http://a/b|2')
  t.same(readUriToken('Patient._tag|http://a/b'), undefined)
  t.same(readUriToken('Patient.name|http://a/b'), undefined)
})

t.test('what separates words or ends a quote is never in one', async (t) => {
  for (const odd of ['http://a,b', "http://o'b", 'http://a b', 'http://a\\b', `http://a/${'x'.repeat(300)}`])
    t.match(uriWord(odd), /^[0-9a-f]{40,}$/, odd)
})
