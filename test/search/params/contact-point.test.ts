import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createSearch } from '../../../src/search/index.ts'
import { contactForm } from '../../../src/search/params/contact-point.ts'

t.test('one form for all ways to write it', async (t) => {
  for (const [value, form] of [
    ['+49 30 1234567', '+49301234567'],
    ['+49 (0)30 / 123-4567', '+49301234567'],
    ['0049 30 1234567', '+49301234567'],
    ['tel:+49-30-1234567', '+49301234567'],
    [' 49 30 1234567', '+49301234567'],
    ['(030) 123-4567', '0301234567'],
    ['030 1234567', '0301234567'],
    ['(555) 675 5745 ext. 12', '5556755745x12'],
    ['555.675.5745 x12', '5556755745x12'],
    ['555', '555'],
    ['John.Doe@Example.ORG ', 'john.doe@example.org'],
  ] as const)
    t.equal(contactForm(value), form, value)
  for (const value of ['1-800-FLOWERS', 'https://example.org/12', '--', '12', `1${'2'.repeat(30)}`, '', '+'])
    t.equal(contactForm(value), value, 'as it is written')
  t.equal(contactForm('1 '.repeat(1000)), '1 '.repeat(1000))
})

t.test('the form of a form is the same', async () =>
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'+0123456789 ()-./x@Ee') }), (text) => {
      const form = contactForm(text)
      return contactForm(form) === form
    }),
    { numRuns: 5000 },
  ),
)

t.test('a number is found however it is written, here and there', async (t) => {
  const search = createSearch(await loadDefinitions(undefined))
  const options = { tenant: 1, base: 'http://a', at: 0, lenient: false, defaultCount: 10, maxCount: 50 }
  const isFound = (system: string, value: string, name: string, asked: string): boolean => {
    const { plan } = search.plan('Patient', [[name, asked.replace(/[\\,|$]/g, '\\$&')]], options)
    const resource = { resourceType: 'Patient', telecom: [{ system, value }] }
    return search.matches(plan, {
      id: '1',
      lastUpdated: 0,
      rows: search.extract('Patient', resource, 'http://a'),
    })
  }
  const between = fc.constantFrom('', ' ', '-', '/', '.', ' (', ') ')
  const written = (digits: string, gaps: readonly string[]): string =>
    [...digits]
      .map((digit, n) => digit + (gaps[n % Math.max(1, gaps.length)] ?? ''))
      .join('')
      .trim()
  fc.assert(
    fc.property(
      fc.stringMatching(/^[1-9]{5,12}$/),
      fc.array(between, { maxLength: 4 }),
      fc.array(between, { maxLength: 4 }),
      fc.constantFrom('', '+'),
      fc.constantFrom('phone', 'telecom'),
      (digits, a, b, plus, name) =>
        isFound('phone', plus + written(digits, a), name, plus + written(digits, b)) &&
        !isFound('phone', plus + written(digits, a), name, plus + written(`${digits}1`, b)),
    ),
  )
  t.ok(isFound('email', 'A@x.org', 'email', 'a@X.org'))
  t.ok(isFound('email', 'A@x.org', 'telecom', 'A@x.org'))
  t.notOk(isFound('email', 'A@x.org', 'phone', 'A@x.org'))
  t.notOk(isFound('phone', '+49 30 12345', 'phone', '030 12345'), 'of which country nobody knows')
  t.ok(isFound('url', 'https://Example.org/A', 'telecom', 'https://Example.org/A'))
  t.notOk(isFound('url', 'https://Example.org/A', 'telecom', 'https://example.org/a'))
})
