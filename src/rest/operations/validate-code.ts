/** ValueSet/$validate-code: http://hl7.org/fhir/R4/valueset-operation-validate-code.html */

import { validateInValueSet } from '../../terminology/index.ts'
import { blaming } from '../blame.ts'
import { defineOperation } from '../operation.ts'
import { calledCodes, calledValueSet, terminologyOf, versionRules } from '../terminology.ts'
import { refuseUnknown, requestOf, validateCodeInput, validatedReply } from '../validate-code.ts'

export const validateCodeInValueSet = defineOperation({
  code: 'validate-code',
  url: 'http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code',
  on: ['type', 'instance'],
  types: ['ValueSet'],
  affectsState: false,
  input: {
    ...validateCodeInput,
    context: { type: 'uri' },
    valueSet: { type: 'ValueSet' },
    valueSetVersion: { type: 'string' },
    system: { type: 'uri' },
    systemVersion: { type: 'string' },
    inferSystem: { type: 'boolean' },
    'system-version': { type: 'canonical', max: Number.POSITIVE_INFINITY },
    'check-system-version': { type: 'canonical', max: Number.POSITIVE_INFINITY },
    'force-system-version': { type: 'canonical', max: Number.POSITIVE_INFINITY },
  },
  run: async (house, ctx, call) => {
    refuseUnknown(call)
    const terminology = terminologyOf(house)
    const scope = await terminology.scope(ctx.tenant, versionRules(call))
    const composition = await blaming(call, ['url', 'valueSet', 'context'], () =>
      calledValueSet(house, ctx, call, scope),
    )
    const request = requestOf(call, calledCodes(call, 'system', 'systemVersion'))
    return validatedReply(await validateInValueSet(terminology.source, composition, request))
  },
})
