/** $tenant-create: founds a hospital, which is there at once at `/t/[name]/fhir` and at its hosts. */
import { conflict, unprocessable } from '../../base/problem.ts'
import { isTenantName } from '../../store/index.ts'
import { placesOf } from '../blame.ts'
import { defineOperation, resourceReply } from '../operation.ts'
import { administered, hostsIn, settingsWith, tenantInput, tenantParts } from '../tenant-parameters.ts'

export const tenantCreate = defineOperation({
  code: 'tenant-create',
  url: 'https://lamplight.dev/fhir/OperationDefinition/tenant-create',
  on: ['system'],
  types: [],
  affectsState: true,
  open: true,
  input: { name: { type: 'string', min: 1 }, ...tenantInput },
  run: async (house, ctx, call) => {
    const tenants = administered(house, ctx)
    const name = call.one<string>('name') ?? ''
    if (!isTenantName(name))
      throw unprocessable(
        'The name is a part of URLs: up to 63 small letters, digits and single hyphens between them.',
        'http.name',
      )
    const made = await tenants.create({
      name,
      display: call.one<string>('display') ?? name,
      hosts: hostsIn(call) ?? [],
      settings: settingsWith({}, call),
    })
    if (!made)
      throw conflict(
        'There is a hospital of this name or with one of these hosts already.',
        ...placesOf(call, ['name', 'host']),
      )
    return { ...resourceReply({ resourceType: 'Parameters', parameter: tenantParts(made) }), status: 201 }
  },
})
