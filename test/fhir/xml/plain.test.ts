/** The quick reader and the parser give the same for documents of all kinds, also for wrong ones and wherever they are cut. */
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../src/base/problem.ts'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createXml } from '../../../src/fhir/xml/xml.ts'

const xml = createXml(await loadDefinitions(undefined))

/** The text or all that is said about it. A comment in front is nothing to FHIR, and not plain. */
const outcome = (document: string): unknown => {
  try {
    return xml.read(document)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return [
      error.status,
      error.issues.map(({ diagnostics }) => diagnostics.replace(/^Line \d+, column \d+/, '')),
    ]
  }
}

const fragment = fc.constantFrom(
  '<active value="true"/>',
  "<active value='false' />",
  '<name>',
  '</name>',
  '</name >',
  '<given value="a &amp; &#x41;&quot;"/>',
  '<given id="g"><extension url="u"><valueDecimal value="1.0"/></extension></given>',
  '<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p a="b">x<br/>&#160;</p></div></text>',
  '<div xmlns="http://www.w3.org/1999/xhtml">',
  '</div>',
  '<contained><Patient/></contained>',
  '<colour/>',
  '<birthDate value="1970" value="1971"/>',
  '<birthDate value="&nbsp;"/>',
  '<birthDate value="a\tb"/>',
  '<birthDate value="a>b"/>',
  '<birthDate\nvalue="1970"\n></birthDate>',
  '<birthDate value="1970"id="x"/>',
  '<!-- c -->',
  '<?p i?>',
  '<![CDATA[ ]]>',
  ' \r\n ',
  'x',
  ']]>',
  '&lt;',
  '<',
  '/>',
  '"',
  '\u0001',
  '\ufffe',
  '<f:active xmlns:f="http://hl7.org/fhir" value="true"/>',
)
const document = fc
  .tuple(
    fc.constantFrom('', '<?xml version="1.0" encoding="UTF-8"?>\n', '<?xml version="1.1"?>', ' '),
    fc.array(fragment, { maxLength: 6 }),
    fc.constantFrom('', '\n', '<a/>', 'x'),
  )
  .map(
    ([start, parts, end]) =>
      [start, `<Patient xmlns="http://hl7.org/fhir">${parts.join('')}</Patient>${end}`] as const,
  )

t.test('the quick reader says what the parser says', async () => {
  fc.assert(
    fc.property(document, ([start, rest]) => {
      deepStrictEqual(outcome(start + rest), outcome(`${start}<!-- -->${rest}`))
    }),
    { numRuns: 3000 },
  )
})

const deep = (content: string, times: number): string => {
  const text = '<extension url="u">'.repeat(times) + content + '</extension>'.repeat(times)
  return `<Patient xmlns="http://hl7.org/fhir">${text}</Patient>`
}

t.test('at the same depth', async () => {
  const value = '<valueString value="x"/>'
  for (const times of [10, 198, 199, 250])
    deepStrictEqual(outcome(deep(value, times)), outcome(deep(`<!-- -->${value}`, times)), String(times))
})
