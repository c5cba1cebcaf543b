import t from 'tap'
import { pathOf, positionsOf } from '../../src/fhir/positions.ts'

const at = (text: string, ...expressions: string[]): string[] =>
  positionsOf({ text }, expressions.map(pathOf)).map(({ line, column }) => `${line}:${column}`)

const inXml = (xml: string, ...expressions: string[]): string[] =>
  positionsOf({ text: '', xml }, expressions.map(pathOf)).map(({ line, column }) => `${line}:${column}`)

t.test('expressions as paths', async (t) => {
  t.same(pathOf('Patient'), [])
  t.same(pathOf('Patient.name[0].family'), ['name', '0', 'family'])
})

t.test('elements of JSON, or what is nearest to them', async (t) => {
  const text = [
    '{',
    '  "resourceType": "Observation",',
    '  "_status": { "extension": [] },',
    '  "valueQuantity": {',
    '    "value": 1 },',
    '  "component": [',
    '    { "code": {} },',
    '    { "code": { "text": "x" } } ] }',
  ].join('\n')
  t.same(at(text, 'Observation', 'Observation.code'), ['1:1', '1:1'])
  t.same(at(text, 'Observation.status.extension[0]'), ['3:29'])
  t.same(at(text, 'Observation.value.value', 'Observation.value.unit'), ['5:14', '4:20'])
  t.same(at(text, 'Observation.component', 'Observation.component[1].code.text'), ['6:16', '8:25'])
  t.same(at(text, 'Observation.component[7].code'), ['6:16'])
  t.same(at(text, 'Observation.component[1].code', 'Observation.component[0].code'), ['8:15', '7:15'])
})

t.test('elements of XML, or what is nearest to them', async (t) => {
  const xml = [
    '<?xml version="1.0"?><!-- a > b -->',
    '<Patient xmlns="http://hl7.org/fhir">',
    '  <contained><Organization>',
    '    <id value="o"/></Organization></contained>',
    '  <name><family value="a > b"/></name>',
    '  <name>',
    '    <given value="x"/><given value="y"/></name>',
    '  <deceasedBoolean value="true"/>',
    '</Patient>',
  ].join('\n')
  t.same(inXml(xml, 'Patient', 'Patient.gender'), ['2:1', '2:1'])
  t.same(inXml(xml, 'Patient.contained[0].id', 'Patient.contained[0].name'), ['4:5', '3:3'])
  t.same(inXml(xml, 'Patient.name[0].family', 'Patient.name[1].given[1]'), ['5:9', '7:23'])
  t.same(inXml(xml, 'Patient.deceased', 'Patient.name'), ['8:3', '5:3'])
  const prefixed = '<f:Patient xmlns:f="http://hl7.org/fhir">\n<f:gender value="x"/></f:Patient>'
  t.same(inXml(prefixed, 'Patient.gender'), ['2:1'])
})

t.test('columns count UTF-16 units', async (t) => {
  t.same(at('{"a":\n"😀","b":1}', 'X.b'), ['2:10'])
})
