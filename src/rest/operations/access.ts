/** $access: who may do what to a resource, and why; for administrators who set the policies up. */

import { byContext } from '../../access/access.ts'
import type { ReasonedAccess, Source } from '../../access/access-of.ts'
import type { Ctx } from '../../access/ctx.ts'
import { isAdministrator } from '../../access/policy-resource.ts'
import { type Principal, type Role, roles } from '../../access/principal.ts'
import { type Permission, parseScopes, permissions } from '../../access/scope.ts'
import { isId } from '../../base/id.ts'
import { forbidden, invalid, unsupported } from '../../base/problem.ts'
import { isResourceType } from '../../fhir/resource-types.ts'
import { withinStatement } from '../../search/index.ts'
import { contextOf } from '../guard/binary-context.ts'
import { isRestricted } from '../guard/guarded.ts'
import type { House } from '../house.ts'
import { defineOperation, type OperationCall, resourceReply } from '../operation.ts'
import type { Reply } from '../reply.ts'

export const access = defineOperation({
  code: 'access',
  url: 'https://lamplight.dev/fhir/OperationDefinition/access',
  on: ['system'],
  types: [],
  affectsState: false,
  open: true,
  input: {
    role: { type: 'code', max: roles.length },
    fhirUser: { type: 'string' },
    scope: { type: 'string' },
    patient: { type: 'id' },
    resource: { type: 'string', min: 1 },
    permission: { type: 'code', min: 1 },
  },
  run: (house, ctx, call) => simulate(house, ctx, call),
})

const simulate = async (house: House, ctx: Ctx, call: OperationCall): Promise<Reply> => {
  if (isRestricted(ctx) && !isAdministrator(ctx.who))
    throw forbidden('$access is for administrators: it tells what others may do.')
  const { callers } = house
  if (!callers) throw unsupported('This server has no policies.')
  const permission = permissions.find((one) => one === call.one('permission'))
  if (!permission) throw invalid('The permission is one of c, r, u, d, s.', 'http.permission')
  const [type = '', id, ...rest] = String(call.one('resource')).split('/')
  if (!isResourceType(type) || rest.length > 0 || (id !== undefined && !isId(id)))
    throw invalid(
      'The resource is a type, such as Observation, or one resource, such as Observation/1.',
      'http.resource',
    )
  const who = principalOf(call)
  const found = await callers.explain(who, ctx.tenant, ctx.at)
  const sources = await judgedAll(house, ctx, found, permission, type, id)
  const allowed = sources.every(({ holds }) => holds)
  return resourceReply({
    resourceType: 'Parameters',
    parameter: [
      { name: 'allowed', valueBoolean: allowed },
      { name: 'why', valueString: sentence(allowed, sources, found.refusal(type, permission), id) },
      ...sources.map(({ source, alternatives, holds }) => ({
        name: source.name,
        part: [
          { name: 'allows', valueBoolean: holds },
          ...alternatives.map(({ because, holds: one }) => ({
            name: one ? 'by' : 'not-by',
            valueString: because,
          })),
        ],
      })),
    ],
  })
}

const principalOf = (call: OperationCall): Principal => {
  const given = call.all<string>('role')
  const unknown = given.find((one) => !roles.includes(one as Role))
  if (unknown !== undefined)
    throw invalid(`${JSON.stringify(unknown)} is no role. There are ${roles.join(', ')}.`, 'http.role')
  const [fhirUser, patient, scope] = ['fhirUser', 'patient', 'scope'].map((name) => call.one<string>(name))
  const isSystem =
    given.length === 0 || given.some((one) => one === 'external-system' || one === 'device-hub')
  return {
    kind: isSystem ? 'system' : 'person',
    id: 'simulated',
    display: 'Simulated',
    roles: given as readonly Role[],
    scopes: scope === undefined ? 'all' : parseScopes(scope),
    ...(fhirUser === undefined ? {} : { fhirUser }),
    ...(patient === undefined ? {} : { patient }),
  }
}

type Judged = {
  readonly source: Source
  readonly holds: boolean
  readonly alternatives: readonly { readonly because: string; readonly holds: boolean }[]
}

const judgedAll = (
  house: House,
  ctx: Ctx,
  found: ReasonedAccess,
  permission: Permission,
  type: string,
  id: string | undefined,
): Promise<readonly Judged[]> =>
  Promise.all(found.sources(type, permission).map((source) => judged(house, ctx, found, source, type, id)))

/** Of a type as a whole an alternative holds when there may be such resources. */
const judged = async (
  house: House,
  ctx: Ctx,
  found: ReasonedAccess,
  source: Source,
  type: string,
  id: string | undefined,
): Promise<Judged> => {
  const { search, store } = house.whole ?? house
  const alternatives = await Promise.all(
    source.alternatives.map(async ({ because, restriction }) => {
      if (restriction === byContext) return { because, holds: await isContextSeen(house, ctx, found, id) }
      const reach = restriction === 'all' ? 'all' : { groups: [[restriction]] }
      const condition = search.reach(type, reach, ctx)
      if (!condition || id === undefined) return { because, holds: !search.isNever(condition) }
      const rows = await store.select(withinStatement(ctx.tenant, type, [id], condition))
      return { because, holds: rows.length > 0 }
    }),
  )
  return { source, alternatives, holds: alternatives.some(({ holds }) => holds) }
}

const isContextSeen = async (house: House, ctx: Ctx, found: ReasonedAccess, id: string | undefined) => {
  if (id === undefined) return true
  const { store } = house.whole ?? house
  const key = contextOf(await store.current(ctx.tenant, { type: 'Binary', id }), ctx.base)
  return (
    key !== undefined &&
    (await judgedAll(house, ctx, found, 'r', key.type, key.id)).every(({ holds }) => holds)
  )
}

const sentence = (
  allowed: boolean,
  sources: readonly Judged[],
  refusal: string,
  id: string | undefined,
): string => {
  if (allowed) {
    const by = sources.flatMap(({ alternatives }) => alternatives.filter(({ holds }) => holds).slice(0, 1))
    return by.length === 0
      ? 'Nothing restricts it.'
      : `Allowed by ${by.map(({ because }) => because).join(', and ')}.`
  }
  const missing = sources.filter(({ holds }) => !holds).map(({ source }) => source.name)
  if (sources.some(({ alternatives }) => alternatives.length === 0)) return refusal
  return id === undefined
    ? `Nothing of the type is within the reach of: ${missing.join(', ')}.`
    : `The resource is not there, or out of the reach of: ${missing.join(', ')}.`
}
