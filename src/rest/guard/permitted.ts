/** Refuses (403) interactions that a caller may not do with any resource of the type, and says why. */
import type { Ctx } from '../../access/ctx.ts'
import type { Permission } from '../../access/scope.ts'
import { forbidden } from '../../base/problem.ts'
import { readJson } from '../../fhir/json/read.ts'
import { resourceTypes } from '../../fhir/resource-types.ts'
import type { House } from '../house.ts'
import type { Request } from '../request.ts'
import { isRestricted } from './guarded.ts'
import { maskedElements } from './mask.ts'

const needed: Partial<Record<Request['interaction'], readonly Permission[]>> = {
  read: ['r'],
  vread: ['r'],
  'history-instance': ['r'],
  'history-type': ['s'],
  'history-system': ['s'],
  'search-type': ['s'],
  'search-system': ['s'],
  create: ['c'],
  update: ['u'],
  // What is not mentioned stays, and comes back: it must be readable.
  patch: ['u', 'r'],
  delete: ['d'],
}

/** Conditions are searches: whoever may not search must not find out by them. */
const isConditional = ({ interaction, id, ifNoneExist }: Request): boolean =>
  ifNoneExist !== undefined || (['update', 'patch', 'delete'].includes(interaction) && id === undefined)

/** Throws 403. */
export const checkPermitted = (house: House, ctx: Ctx, request: Request): void => {
  if (!isRestricted(ctx)) return
  const { interaction, type } = request
  if (interaction === 'operation') checkOperation(house, ctx, request)
  const permissions = [...(needed[interaction] ?? []), ...(isConditional(request) ? (['s'] as const) : [])]
  for (const permission of permissions) checkOne(ctx, type, permission)
  if (type !== undefined && (interaction === 'update' || interaction === 'patch'))
    checkMasks(ctx, type, request)
}

const checkOne = ({ access }: Ctx, type: string | undefined, permission: Permission): void => {
  if (type === undefined) {
    if (resourceTypes.every((one) => access.reach(one, permission) === 'none'))
      throw forbidden(access.refusal('*', permission))
  } else if (access.reach(type, permission) === 'none') throw forbidden(access.refusal(type, permission))
}

/** Elements that the caller does not see would be lost; of patches, only those that merge cannot look at them. */
const checkMasks = (ctx: Ctx, type: string, { interaction, body }: Request): void => {
  const names = maskedElements(ctx, type)
  if (names.length === 0) return
  const hidden = `You do not see all elements of ${type} (${names.join(', ')} are hidden)`
  if (interaction !== 'patch' || body?.patch !== 'merge-patch')
    throw forbidden(
      `${hidden}, so you can change it by a JSON Merge Patch only, which leaves the others alone.`,
    )
  const members = Object.keys(readJson(body.text, { depth: 100 }).value)
  if (members.some((name) => names.includes(name.replace(/^_/, ''))))
    throw forbidden(`${hidden} and cannot be changed by you: leave them out of the patch.`)
}

/**
 * What an operation reads of stored resources goes through the guarded house; beyond that it needs something of its
 * type, and what changes the server as a whole needs everything.
 */
const checkOperation = ({ operations }: House, ctx: Ctx, { operation, type }: Request): void => {
  const found = operations.find(({ code }) => code === operation)
  if (!found) return
  const { access } = ctx
  if (found.open) return
  if (found.affectsState || found.tellsOfAll) {
    const permission = found.affectsState ? 'u' : 'r'
    const types = type === undefined ? resourceTypes : [type]
    if (types.every((one) => access.reach(one, permission) === 'all')) return
    const what = found.affectsState ? 'changes what the server does for everybody' : 'tells of all resources'
    throw forbidden(
      `$${found.code} ${what}: it needs the permission to ${found.affectsState ? 'update' : 'read'} all resources${type === undefined ? '' : ` of type ${type}`}, and you have it for a part or none.`,
    )
  }
  if (type === undefined) return
  const letters: readonly Permission[] = ['r', 's', 'c', 'u']
  if (letters.every((letter) => access.reach(type, letter) === 'none'))
    throw forbidden(access.refusal(type, 'r'))
}
