import { deepStrictEqual } from 'node:assert/strict'
import t from 'tap'
import { Problem } from '../../../src/base/problem.ts'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createXml } from '../../../src/fhir/xml/xml.ts'

const xml = createXml(await loadDefinitions(undefined))
const fhir = 'xmlns="http://hl7.org/fhir"'
const declaration = '<?xml version="1.0" encoding="UTF-8"?>'
const write = (value: unknown): string =>
  [...xml.write(typeof value === 'string' ? value : JSON.stringify(value))].join('').slice(declaration.length)
const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`
const textOf = (content: string) => ({ resourceType: 'Patient', text: { status: 'generated', div: content } })

/** JSON and the same in XML. */
const pairs: Record<string, [json: string, xml: string]> = {
  'a resource without content': ['{"resourceType":"Patient"}', `<Patient ${fhir}/>`],
  'numbers as they were written': [
    '{"resourceType":"Observation","valueQuantity":{"extension":[{"url":"u","valueDecimal":1E+02}],"value":1.00}}',
    `<Observation ${fhir}><valueQuantity><extension url="u"><valueDecimal value="1E+02"/></extension><value value="1.00"/></valueQuantity></Observation>`,
  ],
  'id and extension of a primitive': [
    '{"resourceType":"Patient","birthDate":"1970","_birthDate":{"id":"a","extension":[{"url":"u","valueBoolean":true}]}}',
    `<Patient ${fhir}><birthDate id="a" value="1970"><extension url="u"><valueBoolean value="true"/></extension></birthDate></Patient>`,
  ],
  'a primitive without a value': [
    '{"resourceType":"Patient","_active":{"extension":[{"url":"u","valueCode":"c"}]}}',
    `<Patient ${fhir}><active><extension url="u"><valueCode value="c"/></extension></active></Patient>`,
  ],
  'nulls among primitives': [
    '{"resourceType":"Patient","name":[{"id":"n","given":[null,"b"],"_given":[{"id":"g"},null]}]}',
    `<Patient ${fhir}><name id="n"><given id="g"/><given value="b"/></name></Patient>`,
  ],
  'contained resources and entries': [
    '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"p"},{"resourceType":"Device"}],"status":"final"}}]}',
    `<Bundle ${fhir}><type value="collection"/><entry><resource><Observation><contained><Patient><id value="p"/></Patient></contained><contained><Device/></contained><status value="final"/></Observation></resource></entry></Bundle>`,
  ],
  'space and signs in values': [
    '{"resourceType":"Patient","name":[{"text":" a\\n\\t\\r<&>\\"é😀 "}]}',
    `<Patient ${fhir}><name><text value=" a&#10;&#9;&#13;&lt;&amp;&gt;&quot;é😀 "/></name></Patient>`,
  ],
  'a narrative as it was written': [
    JSON.stringify(textOf(div("<p class='a'>a &amp; b&#160;<br  />\r\n<!-- c --></p>"))),
    `<Patient ${fhir}><text><status value="generated"/>${div("<p class='a'>a &amp; b&#160;<br  />\r\n<!-- c --></p>")}</text></Patient>`,
  ],
}
for (const [name, [json, document]] of Object.entries(pairs)) {
  t.test(name, async (t) => {
    t.equal(write(json), document)
    t.equal(xml.read(document), json)
    t.equal(await xml.readInTurns(document), json)
  })
}

t.test('members in any order become elements in the order of their definition', async (t) => {
  const json = '{"active":true,"_language":{"id":"l"},"id":"p","resourceType":"Patient","language":"de"}'
  t.equal(
    write(json),
    `<Patient ${fhir}><id value="p"/><language id="l" value="de"/><active value="true"/></Patient>`,
  )
})

t.test('narratives that are no XML', async (t) => {
  const shown = (content: string): string =>
    /<status value="generated"\/>([\s\S]*)<\/text>/.exec(write(textOf(content)))?.[1] ?? ''
  t.equal(shown(div('a&nbsp;&euro;')), div('a&#160;&#8364;'))
  t.equal(shown('<div>a</div>'), div('a'))
  t.equal(shown(div('<svg xmlns="urn:x"/>')), div('<svg xmlns="urn:x"/>'))
  for (const bad of [
    '<div>a<br></div>',
    '<div>&what;</div>',
    '<div/><p/>',
    '<div a="1" a="2"/>',
    '<div>&#0;</div>',
    'x',
    '<div><x:p/></div>',
    '<div>]]></div>',
    '</Patient>',
  ])
    t.match(shown(bad), /^<div xmlns="http:\/\/www.w3.org\/1999\/xhtml">[^<]*<\/div>$/, bad)
})

t.test('what XML cannot hold becomes a replacement character', async (t) => {
  t.equal(
    write({ resourceType: 'Patient', name: [{ text: 'a\u0001\ufffe\uffff' }] }),
    `<Patient ${fhir}><name><text value="a\ufffd\ufffd\ufffd"/></name></Patient>`,
  )
})

t.test('what R4 does not define has no XML', async (t) => {
  for (const value of [
    { resourceType: 'Patient', colour: 'red' },
    { resourceType: 'Potato' },
    { resourceType: 'Patient', name: ['x'] },
  ])
    t.throws(() => write(value), { status: 406 } as Problem)
})

t.test('read: comments, processing instructions, prefixes and declarations', async (t) => {
  const expected = '{"resourceType":"Patient","active":true}'
  for (const document of [
    `\n<?xml-stylesheet href="x"?><!-- <a> --><Patient ${fhir}><!-- a --><active value='true'><?x y?></active></Patient> `.trimStart(),
    `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<f:Patient xmlns:f="http://hl7.org/fhir"><f:active value="true"/></f:Patient>`,
    `<Patient ${fhir} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir ../patient.xsd"><active value="&#x74;rue"/></Patient>`,
  ])
    t.equal(xml.read(document), expected)
  t.equal(
    xml.read(`<Patient ${fhir}><multipleBirthInteger value="+2"/></Patient>`),
    '{"resourceType":"Patient","multipleBirthInteger":2}',
  )
  const prefixed = `<Patient ${fhir} xmlns:h="http://www.w3.org/1999/xhtml"><text><h:div xml:lang="de"><h:p id="a&lt;">x &amp; y<h:br/></h:p></h:div></text></Patient>`
  t.same(
    JSON.parse(xml.read(prefixed)).text.div,
    '<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><p id="a&lt;">x &amp; y<br/></p></div>',
  )
})

/** All issues of a refusal. */
const issuesOf = (document: string): string[] => {
  try {
    xml.read(document)
    return []
  } catch (error) {
    if (error instanceof Problem)
      return error.issues.map(
        ({ diagnostics, expression }) => `${error.status} ${diagnostics} @${expression ?? ''}`,
      )
    throw error
  }
}

/** Content of a Patient, and what is said about it. */
const refusals: [content: string, ...said: RegExp[]][] = [
  ['<active value="true"/><id value="x"/>', /^400 Line 1, column 60: id must stand before active.*@Patient$/],
  ['<active value="true"/><active value="true"/>', /active stands more than once/],
  ['<name/><active value="true"/><name/>', /name is empty/, /active must stand before name/, /name is empty/],
  [
    '<deceasedBoolean value="true"/><deceasedDateTime value="2000"/>',
    /only one of deceasedBoolean and deceasedDateTime/,
  ],
  ['<colour value="red"><a/><b>c</b></colour>', /Patient has no element colour/],
  ['<active value="true" colour="red"/>', /active has no attribute colour.*@Patient\.active$/],
  ['<active value="yes"/>', /must be true or false/],
  ['<multipleBirthInteger value="two"/>', /whole number/],
  ['<active/>', /neither a value nor an extension/],
  ['<name></name>', /name is empty/],
  ['text', /text stands between/],
  ['<![CDATA[text]]>', /text stands between/],
  ['<active xmlns="urn:x" value="true"/>', /namespace urn:x/],
  ['<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>', /XInclude/],
  ['<text><status value="generated"/><div>a</div></text>', /must be in http:\/\/www.w3.org\/1999\/xhtml/],
  [`<text>${div('<svg xmlns="http://www.w3.org/2000/svg"/>')}</text>`, /svg in the narrative/],
  ['<contained/>', /contained is empty/],
  ['<contained><Patient/><Device/></contained>', /one resource/],
  ['<contained><Potato/></contained>', /Potato is not a resource type/],
  ['<name><given value="a"/><given value="b" x="1"/></name>', /@Patient\.name\[0\]\.given\[1\]$/],
  ['<active value="&nbsp;"/>', /not well-formed/],
  ['<active value="<"/>', /not well-formed/],
  ['<active value="true" value="true"/>', /not well-formed/],
  ['<active value="true">', /not well-formed/],
  ['<a:active value="true"/>', /not well-formed/],
  ['<active value="&#0;"/>', /not well-formed/],
  ['<active value="\u0000"/>', /not well-formed/],
]
for (const [content, ...said] of refusals) {
  t.test(`refused: ${content}`, async (t) => {
    const issues = issuesOf(`<Patient ${fhir}>${content}</Patient>`)
    t.equal(issues.length, said.length, issues.join('\n'))
    for (const [n, pattern] of said.entries()) t.match(issues[n], pattern)
  })
}

t.test('documents that are refused as such', async (t) => {
  const bomb = `<!DOCTYPE Patient [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Patient ${fhir}><language value="&b;"/></Patient>`
  t.match(issuesOf(bomb), [/document type declaration/])
  t.match(issuesOf(`<!DOCTYPE Patient SYSTEM "file:///etc/passwd"><Patient ${fhir}/>`), [
    /document type declaration/,
  ])
  t.match(issuesOf('<a '.repeat(3)), [/not well-formed/])
  t.match(issuesOf(`${'<a>'.repeat(100_000)}`), [/namespace/, /nested more than 200 deep/])
  t.match(issuesOf(`<Patient ${fhir}>${'<extension url="u">'.repeat(300)}`), [/nested more than 200 deep/])
  t.match(issuesOf('<Patient/>'), [/no namespace/])
  t.match(issuesOf(`<Patient ${fhir}/><Patient ${fhir}/>`), [/./])
  t.match(issuesOf(`{"resourceType":"Patient"}`), [/not well-formed/])
  t.match(issuesOf(''), [/empty/])
  t.match(issuesOf(`<?xml version="1.0" encoding="UTF-16"?><Patient ${fhir}/>`), [/UTF-8/])
  t.equal(issuesOf(`<Patient ${fhir}>${'<a/>'.repeat(500)}</Patient>`).length, 50)
  t.equal(
    JSON.parse(xml.read(`<Patient ${fhir}><language value="${'x'.repeat(5_000_000)}"/></Patient>`)).language
      .length,
    5_000_000,
  )
})

t.test('a big Bundle is written entry by entry', async (t) => {
  const entry = Array.from({ length: 2000 }, (_, n) => ({
    fullUrl: `urn:x:${n}`,
    resource: { resourceType: 'Patient', id: `p${n}`, name: [{ text: '"},{"x' }] },
  }))
  const bundle = {
    resourceType: 'Bundle',
    entry,
    type: 'searchset',
    total: 2000,
    signature: { sigFormat: 'a/b' },
  }
  const text = JSON.stringify(bundle)
  const pieces = [...xml.write(text)]
  t.equal(pieces.length, 2002)
  deepStrictEqual(JSON.parse(xml.read(pieces.join(''))), bundle)
  deepStrictEqual(JSON.parse(await xml.readInTurns([...xml.write(text, { pretty: true })].join(''))), bundle)
})
