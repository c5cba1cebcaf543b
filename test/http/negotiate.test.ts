import t from 'tap'
import type { Problem } from '../../src/base/problem.ts'
import { fhirJson, negotiate } from '../../src/http/negotiate.ts'

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
  ['application/fhir+xml, application/fhir+json;q=0.5', undefined, fhirJson],
  ['application/fhir+json; fhirVersion=4.0', undefined, versioned],
  [
    'application/fhir+json;fhirVersion=3.0;q=1, application/fhir+json;fhirVersion=4.0;q=0.1',
    undefined,
    versioned,
  ],
  ['application/fhir+json; fhirVersion=5.0', undefined, 406],
  ['application/fhir+json; charset=latin1', undefined, 406],
  ['application/fhir+json;q=0', undefined, 406],
  ['application/fhir+xml', undefined, 406],
  ['text/html', undefined, 406],
  ['image/png', undefined, 406],
  ['application/fhir+xml', 'json', fhirJson],
  ['text/html', 'application/fhir json', fhirJson],
  [undefined, 'application/fhir+json', fhirJson],
  [undefined, 'text/json', fhirJson],
  [undefined, 'application/fhir+json; fhirVersion=4.0', versioned],
  ['*/*', 'xml', 406],
  ['*/*', 'html', 406],
  ['*/*', 'application/fhir+json;fhirVersion=1.0', 406],
]

for (const [accept, format, expected] of cases) {
  t.test(`Accept: ${accept}, _format: ${format}`, async (t) => {
    if (typeof expected === 'string') t.equal(negotiate(accept, format), expected)
    else t.throws(() => negotiate(accept, format), { status: expected } as Problem)
  })
}
