/** What is about several patients: who reaches one of them must not bring another one in, as that would open the other's record. */
import type { Reach, Restriction } from '../../access/access.ts'
import type { Ctx } from '../../access/ctx.ts'
import type { Permission } from '../../access/scope.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import { type Search, withinStatement } from '../../search/index.ts'
import type { StoreTransaction, VersionWrite } from '../../store/index.ts'
import type { House } from '../house.ts'
import { patientsIn } from '../patients-in.ts'

/** Whether a version that was written, and is within reach, brings patients in who are not. */
export const bringsOthers = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  { type, id, version, content }: VersionWrite,
  permission: Permission,
): Promise<boolean> => {
  const reach = ctx.access.reach(type, permission)
  if (content === null || typeof reach === 'string') return false
  const { search } = house.whole ?? house
  const patients = compartmentsOf(search, ctx, type, id, content)
  if (patients.length < 2) return false
  const before = version > 1 ? await tx.version(ctx.tenant, { type, id }, version - 1) : undefined
  const known = before?.content ? compartmentsOf(search, ctx, type, id, before.content) : []
  const added = patients.filter((one) => !known.includes(one))
  if (added.length === 0) return false
  const condition = search.reach(type, narrowed(reach, added), ctx)
  if (!condition) return false
  if (search.isNever(condition)) return true
  return (await tx.select(withinStatement(ctx.tenant, type, [id], condition))).length === 0
}

/** Ids of the patients in whose compartments a resource is, but for the one that it is itself. */
const compartmentsOf = (search: Search, ctx: Ctx, type: string, id: string, content: string): string[] => {
  const found = new Set<string>()
  patientsIn([content], ctx.base, found)
  found.delete(`${type}/${id}`)
  if (found.size < 2) return [...found].map(idOf)
  const resource = { ...(JSON.parse(content) as JsonObject), id }
  return [...found].map(idOf).filter((patient) => {
    const reach = { groups: [[{ kind: 'compartment', type: 'Patient', ids: [patient] } as const]] }
    const condition = search.reach(type, reach, ctx)
    return condition !== undefined && search.isWithin(condition, type, resource, ctx.base)
  })
}

const idOf = (reference: string): string => reference.slice('Patient/'.length)

const nothing: Restriction = { kind: 'ids', ids: [] }

/** The same without the compartments in which not all of these patients are. */
const narrowed = ({ groups }: Exclude<Reach, string>, patients: readonly string[]): Reach => ({
  groups: groups.map((group) => group.map((one) => ofAll(one, patients))),
})

const ofAll = (restriction: Restriction, patients: readonly string[]): Restriction => {
  if (restriction.kind === 'every')
    return { kind: 'every', of: restriction.of.map((one) => ofAll(one, patients)) }
  if (restriction.kind !== 'compartment' || restriction.type !== 'Patient') return restriction
  return patients.every((one) => restriction.ids.includes(one)) ? restriction : nothing
}
