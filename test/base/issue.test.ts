import { readFileSync } from 'node:fs'
import t from 'tap'
import { issue, outcomeIssue } from '../../src/base/issue.ts'

t.test('an issue as OperationOutcome has it', async (t) => {
  t.same(outcomeIssue(issue('value', 'No.')), { severity: 'error', code: 'value', diagnostics: 'No.' })
  t.same(outcomeIssue({ ...issue('invariant', 'No.', 'Patient.name'), rule: 'dom-3', line: 2, column: 5 }), {
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line', valueInteger: 2 },
      { url: 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col', valueInteger: 5 },
    ],
    severity: 'error',
    code: 'invariant',
    details: { coding: [{ system: 'https://lamplight.dev/fhir/CodeSystem/rule', code: 'dom-3' }] },
    diagnostics: 'No.',
    expression: ['Patient.name'],
  })
})

t.test('the system of rules is defined', async (t) => {
  const file = new URL('../../profiles/lamplight/CodeSystem-rule.json', import.meta.url)
  const { url } = JSON.parse(readFileSync(file, 'utf8'))
  const { details } = outcomeIssue({ ...issue('value', 'No.'), rule: 'x' }) as {
    details: { coding: { system: string }[] }
  }
  t.equal(details.coding[0]?.system, url)
})
