/** $tenants: the hospitals whose data this server keeps apart. */
import { defineOperation, resourceReply } from '../operation.ts'
import { administered, tenantParts } from '../tenant-parameters.ts'

export const tenants = defineOperation({
  code: 'tenants',
  url: 'https://lamplight.dev/fhir/OperationDefinition/tenants',
  on: ['system'],
  types: [],
  affectsState: false,
  input: {},
  run: async (house, ctx) => {
    const all = await administered(house, ctx).learn()
    return resourceReply({
      resourceType: 'Parameters',
      parameter: all.map((one) => ({ name: 'tenant', part: tenantParts(one) })),
    })
  },
})
