/** ValueSet/$expand: http://hl7.org/fhir/R4/valueset-operation-expand.html */

import { type ExpandOptions, expand as expandValueSet } from '../../terminology/index.ts'
import { blaming } from '../blame.ts'
import { defineOperation, type OperationCall, resourceReply } from '../operation.ts'
import { calledValueSet, checkSupplements, terminologyOf, versionRules } from '../terminology.ts'

export const expand = defineOperation({
  code: 'expand',
  url: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
  on: ['type', 'instance'],
  types: ['ValueSet'],
  affectsState: false,
  input: {
    url: { type: 'uri' },
    valueSet: { type: 'ValueSet' },
    valueSetVersion: { type: 'string' },
    context: { type: 'uri' },
    contextDirection: { type: 'code' },
    filter: { type: 'string' },
    date: { type: 'dateTime' },
    offset: { type: 'integer' },
    count: { type: 'integer' },
    includeDesignations: { type: 'boolean' },
    designation: { type: 'string', max: Number.POSITIVE_INFINITY },
    includeDefinition: { type: 'boolean' },
    activeOnly: { type: 'boolean' },
    excludeNested: { type: 'boolean' },
    excludeNotForUI: { type: 'boolean' },
    excludePostCoordinated: { type: 'boolean' },
    displayLanguage: { type: 'code' },
    useSupplement: { type: 'canonical', max: Number.POSITIVE_INFINITY },
    'exclude-system': { type: 'canonical', max: Number.POSITIVE_INFINITY },
    'system-version': { type: 'canonical', max: Number.POSITIVE_INFINITY },
    'check-system-version': { type: 'canonical', max: Number.POSITIVE_INFINITY },
    'force-system-version': { type: 'canonical', max: Number.POSITIVE_INFINITY },
  },
  run: async (house, ctx, call) => {
    const terminology = terminologyOf(house)
    const scope = await terminology.scope(ctx.tenant, versionRules(call))
    return blaming(call, ['url', 'valueSet', 'context'], async () => {
      const composition = await calledValueSet(house, ctx, call, scope)
      checkSupplements(scope, composition, call.all<string>('useSupplement'))
      return resourceReply(await expandValueSet(terminology.source, composition, optionsOf(call), ctx.at))
    })
  },
})

const single = [
  ...['filter', 'date', 'offset', 'count', 'includeDesignations', 'includeDefinition', 'activeOnly'],
  ...['excludeNested', 'excludeNotForUI', 'excludePostCoordinated', 'displayLanguage'],
]

const optionsOf = (call: OperationCall): ExpandOptions => {
  const given = single
    .map((name) => [name, call.one(name)] as const)
    .filter(([, value]) => value !== undefined)
  const [designation, excludeSystem] = [call.all<string>('designation'), call.all<string>('exclude-system')]
  return {
    ...Object.fromEntries(given),
    ...(designation.length > 0 ? { designation } : {}),
    ...(excludeSystem.length > 0 ? { excludeSystem } : {}),
  }
}
