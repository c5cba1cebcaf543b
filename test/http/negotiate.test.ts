import t from 'tap'
import type { Problem } from '../../src/base/problem.ts'
import { negotiate } from '../../src/http/negotiate.ts'

const fhirJson = 'application/fhir+json; charset=utf-8'
const fhirXml = 'application/fhir+xml; charset=utf-8'
const versioned = `${fhirJson}; fhirVersion=4.0`

const cases: [accept: string | undefined, format: string | undefined, expected: string | number][] = [
  [undefined, undefined, fhirJson],
  ['', undefined, fhirJson],
  ['*/*', undefined, fhirJson],
  ['application/fhir+json', undefined, fhirJson],
  ['Application/FHIR+JSON; Charset="UTF-8"', undefined, fhirJson],
  ['application/json', undefined, fhirJson],
  ['text/json', undefined, fhirJson],
  ['application/*;q=0.1', undefined, fhirJson],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', undefined, fhirJson],
  ['application/fhir+xml, application/fhir+json;q=0.5', undefined, fhirXml],
  ['application/fhir+xml;q=0.5, application/fhir+json', undefined, fhirJson],
  ['application/xml', undefined, fhirXml],
  ['text/xml;q=0.5, */*;q=0.1', undefined, fhirXml],
  ['*/*, application/fhir+xml', undefined, fhirXml],
  ['application/json, application/xml', undefined, fhirJson],
  ['text/html, application/xml;q=0.9', undefined, fhirXml],
  ['application/fhir+xml; fhirVersion=4.0', undefined, `${fhirXml}; fhirVersion=4.0`],
  ['application/fhir+xml; fhirVersion=5.0', undefined, 406],
  ['application/fhir+ndjson', undefined, 406],
  ['application/fhir+ndjson, application/fhir+xml;q=0.1', undefined, fhirXml],
  ['application/fhir+json; fhirVersion=4.0', undefined, versioned],
  [
    'application/fhir+json;fhirVersion=3.0;q=1, application/fhir+json;fhirVersion=4.0;q=0.1',
    undefined,
    versioned,
  ],
  ['application/fhir+json; fhirVersion=5.0', undefined, 406],
  ['application/fhir+json; charset=latin1', undefined, 406],
  ['application/fhir+json;q=0', undefined, 406],
  ['application/fhir+xml', undefined, fhirXml],
  ['text/html', undefined, 406],
  ['image/png', undefined, 406],
  ['application/fhir+xml', 'json', fhirJson],
  ['text/html', 'application/fhir json', fhirJson],
  [undefined, 'application/fhir+json', fhirJson],
  [undefined, 'text/json', fhirJson],
  [undefined, 'application/fhir+json; fhirVersion=4.0', versioned],
  ['*/*', 'xml', fhirXml],
  [undefined, 'application/fhir xml', fhirXml],
  [undefined, 'text/xml', fhirXml],
  [undefined, 'ndjson', 406],
  ['*/*', 'html', 406],
  ['*/*', 'application/fhir+json;fhirVersion=1.0', 406],
]

for (const [accept, format, expected] of cases) {
  t.test(`Accept: ${accept}, _format: ${format}`, async (t) => {
    if (typeof expected === 'string') t.equal(negotiate(accept, format).contentType, expected)
    else
      t.throws(() => negotiate(accept, format), {
        status: expected,
        issues: [{ expression: [format === undefined ? 'http.Accept' : 'http._format'] }],
      } as unknown as Problem)
  })
}

t.test('lists of resources are given as NDJSON too', async (t) => {
  const ndjson = { form: 'ndjson', contentType: 'application/fhir+ndjson; charset=utf-8' }
  t.same(negotiate('application/fhir+ndjson', undefined, true), ndjson)
  t.same(negotiate('application/ndjson', undefined, true), ndjson)
  t.same(negotiate(undefined, 'application/fhir ndjson', true), ndjson)
  t.same(negotiate('application/json', 'ndjson', true), ndjson)
})
