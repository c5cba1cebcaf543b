/** CodeSystem/$validate-code: http://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
import type { CodeSystem } from 'fhir/r4.js'
import { invalid } from '../../base/problem.ts'
import { memorySystem, validateInSystem } from '../../terminology/index.ts'
import { blaming } from '../blame.ts'
import { defineOperation } from '../operation.ts'
import { calledCodes, foundSystem, subject, terminologyOf } from '../terminology.ts'
import { refuseUnknown, requestOf, validateCodeInput, validatedReply } from '../validate-code.ts'

export const validateCodeInSystem = defineOperation({
  code: 'validate-code',
  url: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code',
  on: ['type', 'instance'],
  types: ['CodeSystem'],
  affectsState: false,
  input: { ...validateCodeInput, codeSystem: { type: 'CodeSystem' }, version: { type: 'string' } },
  run: async (house, ctx, call) => {
    refuseUnknown(call)
    const terminology = terminologyOf(house)
    const scope = await terminology.scope(ctx.tenant)
    const values = calledCodes(call, 'url')
    const sent =
      (await subject<CodeSystem>(house, ctx, call)) ??
      (call.resource('codeSystem')?.value as CodeSystem | undefined)
    const url = call.one<string>('url') ?? values[0]?.system
    if (!sent && url === undefined)
      throw invalid(
        'Say which code system is meant: send url or codeSystem, or call CodeSystem/[id].',
        'http.url',
      )
    const system =
      sent?.concept === undefined
        ? await blaming(call, ['codeSystem', 'url', 'coding', 'codeableConcept'], () =>
            foundSystem(scope, sent?.url ?? url!, sent?.version ?? call.one<string>('version')),
          )
        : memorySystem(sent)
    return validatedReply(await validateInSystem(terminology.source, system, requestOf(call, values)))
  },
})
