/** $tenant-change: display, hosts, staff limits of a hospital, and whether it is active: of one that is not, nothing is there. */
import { conflict, notFound, type Problem, unprocessable } from '../../base/problem.ts'
import { defaultTenant } from '../../store/index.ts'
import { defineOperation, resourceReply } from '../operation.ts'
import { administered, hostsIn, settingsWith, tenantInput, tenantParts } from '../tenant-parameters.ts'

const unknown = (): Problem => notFound('There is no hospital of this name; $tenants lists all.', 'http.name')

export const tenantChange = defineOperation({
  code: 'tenant-change',
  url: 'https://lamplight.dev/fhir/OperationDefinition/tenant-change',
  on: ['system'],
  types: [],
  affectsState: true,
  open: true,
  input: { name: { type: 'string', min: 1 }, active: { type: 'boolean' }, ...tenantInput },
  run: async (house, ctx, call) => {
    const tenants = administered(house, ctx)
    const name = call.one<string>('name') ?? ''
    await tenants.learn()
    const before = tenants.byName(name)
    if (!before) throw unknown()
    const [display, active, hosts] = [call.one<string>('display'), call.one<boolean>('active'), hostsIn(call)]
    if (active === false && before.number === defaultTenant)
      throw unprocessable(
        'The default hospital cannot be closed: hospitals are administered from there.',
        'http.active',
      )
    const changed = await tenants.change(name, {
      ...(display === undefined ? {} : { display }),
      ...(active === undefined ? {} : { active }),
      ...(hosts === undefined ? {} : { hosts }),
      settings: settingsWith(before.settings, call),
    })
    if (changed === 'taken') throw conflict('One of these hosts is that of another hospital.', 'http.host')
    if (!changed) throw unknown()
    return resourceReply({ resourceType: 'Parameters', parameter: tenantParts(changed) })
  },
})
