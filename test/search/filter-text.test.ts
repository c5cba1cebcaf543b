import fc from 'fast-check'
import t from 'tap'
import { type FilterTree, readFilter } from '../../src/search/filter-text.ts'

/** The tree with parentheses around everything that has parts. */
const shown = (tree: FilterTree): string => {
  if (tree.op === 'not') return `not(${shown(tree.of)})`
  if (tree.op !== 'test') return `(${tree.of.map(shown).join(` ${tree.op} `)})`
  const path = tree.path.map(({ name, filter }) => (filter ? `${name}[${shown(filter)}]` : name))
  return `${path.join('.')} ${tree.operator} ${JSON.stringify(tree.value)}`
}

const read = (text: string): string => {
  const tree = readFilter(text)
  return typeof tree === 'string' ? `! ${tree}` : shown(tree)
}

t.test('the examples of the specification', async (t) => {
  t.equal(read('name co "pet"'), 'name co "pet"')
  t.equal(
    read('given eq "peter" and birthdate ge 2014-10-10'),
    '(given eq "peter" and birthdate ge "2014-10-10")',
  )
  t.equal(read('code eq http://loinc.org|1234-5'), 'code eq "http://loinc.org|1234-5"')
  t.equal(read('subject.name co "pet"'), 'subject.name co "pet"')
  t.equal(
    read('related[type eq has-component].target pr true'),
    'related[type eq "has-component"].target pr "true"',
  )
})

t.test('structure', async (t) => {
  t.equal(read('a eq 1 or b eq 2 and c eq 3'), '((a eq "1" or b eq "2") and c eq "3")', 'from left to right')
  t.equal(read('a eq 1 or (b eq 2 and c eq 3)'), '(a eq "1" or (b eq "2" and c eq "3"))')
  t.equal(read('a eq 1 and b eq 2 and c eq 3'), '(a eq "1" and b eq "2" and c eq "3")')
  t.equal(read('not(a eq 1) and not (b eq 2)'), '(not(a eq "1") and not(b eq "2"))')
  t.equal(read('((a eq 1))'), 'a eq "1"')
  t.equal(read('not eq 1'), 'not eq "1"', 'a parameter may have the name of a keyword')
  t.equal(read('subject:Patient.name sw p'), 'subject:Patient.name sw "p"')
  t.equal(read('A EQ 1 AND b Eq 2'), '(A eq "1" and b eq "2")')
  t.equal(read(String.raw`a eq "q\"uo)te\u0041 "`), String.raw`a eq "q\"uo)teA "`)
})

t.test('what cannot be read is refused with the place', async (t) => {
  t.match(read(''), /At its end it needs the name/)
  t.match(read('a'), /At its end it needs one of eq/)
  t.match(read('a is 1'), /At "is 1" it needs one of eq/)
  t.match(read('a eq'), /At its end it needs a value/)
  t.match(read('a eq "b'), /quotation mark/)
  t.match(read('(a eq 1'), /At its end it needs .* or "\)"/)
  t.match(read('a eq 1 xor b eq 2'), /At "xor b eq 2" it needs/)
  t.match(read('a[b eq 1]'), /needs "\."/)
  t.match(read(`${'('.repeat(100)}a eq 1`), /deeper than 20/)
  t.match(read(Array(200).fill('a eq 1').join(' and ')), /more than 100/)
})

t.test('any text is read or refused, and never throws', async () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'eq', ' ', '"', '\\', '(', ')', '[', ']', '.', 'and', 'not', '1', 'é')),
      (parts) => read(parts.join('')).length > 0,
    ),
  ),
)
