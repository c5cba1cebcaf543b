/** What both kinds of $validate-code share: http://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
import { unsupported } from '../base/problem.ts'
import type { ValidateCode, Validated } from '../terminology/index.ts'
import { type OperationCall, resourceReply } from './operation.ts'
import type { Reply } from './reply.ts'
import { outcomeOf, parameters, text } from './terminology.ts'

/** Inputs of both. */
export const validateCodeInput = {
  url: { type: 'uri' },
  code: { type: 'code' },
  display: { type: 'string' },
  coding: { type: 'Coding' },
  codeableConcept: { type: 'CodeableConcept' },
  date: { type: 'dateTime' },
  abstract: { type: 'boolean' },
  displayLanguage: { type: 'code' },
} as const

/** Throws for what would be ignored. */
export const refuseUnknown = (call: OperationCall): void => {
  if (call.one('date') !== undefined)
    throw unsupported('The parameter date is not supported by $validate-code; leave it out.', 'http.date')
}

export const requestOf = (call: OperationCall, values: ValidateCode['values']): ValidateCode => {
  const displayLanguage = call.one<string>('displayLanguage')
  return {
    values,
    inferSystem: call.one<boolean>('inferSystem') === true,
    abstract: call.one<boolean>('abstract') !== false,
    ...(displayLanguage === undefined ? {} : { displayLanguage }),
  }
}

export const validatedReply = ({ result, code, system, version, display, issues }: Validated): Reply => {
  const message = issues.map(({ diagnostics }) => diagnostics).join(' ')
  return resourceReply(
    parameters([
      { name: 'result', valueBoolean: result },
      text('message', message === '' ? undefined : message),
      text('code', code, 'Code'),
      text('system', system, 'Uri'),
      text('version', version),
      text('display', display),
      issues.length === 0 ? undefined : { name: 'issues', resource: outcomeOf(issues) },
    ]),
  )
}
