/** What a caller may touch, as conditions on rows: made once for an access and kept as long as it is. */
import type { Access } from '../../access/access.ts'
import type { Ctx } from '../../access/ctx.ts'
import type { Permission } from '../../access/scope.ts'
import { resourceTypes } from '../../fhir/resource-types.ts'
import {
  type Guard,
  type GuardedRead,
  guardedRead,
  type RowCondition,
  type Search,
} from '../../search/index.ts'

/** Whose sight it is: what is made for one serves all of the same caller's requests. */
export type Viewer = Pick<Ctx, 'access' | 'tenant' | 'base'>

export type Sight = {
  /** Without the parameters that tell of masked elements. */
  readonly search: Search
  /** Of a type; undefined for all of it. */
  of(type: string, permission: Permission): RowCondition | undefined
  isNothing(type: string, permission: Permission): boolean
  /** How a resource is read if it may be read. */
  read(type: string, condition: RowCondition, id: string): GuardedRead
  /** For searches: what they find. */
  readonly found: Guard
  /** For what comes along: whatever can be read or found. */
  readonly brought: Guard
}

type Kept = { readonly search: Search; readonly tenant: number; readonly base: string; readonly sight: Sight }

const kept = new WeakMap<Access, Kept>()

/** The sight of a caller who is not unrestricted. */
export const sightOf = (search: Search, { access, tenant, base, at }: Ctx): Sight => {
  const known = kept.get(access)
  if (known && known.search === search && known.tenant === tenant && known.base === base) return known.sight
  const sight = makeSight(search, access, { tenant, base, at })
  kept.set(access, { search, tenant, base, sight })
  return sight
}

const hidden = new WeakMap<Search, Map<string, Search>>()

/** Callers from whom the same is masked share what is made for them. */
const searchFor = (search: Search, access: Access): Search => {
  const masks = resourceTypes.flatMap((type) => {
    const names = access.masked(type, 's')
    return names.length > 0 ? [`${type}:${names.join()}`] : []
  })
  if (masks.length === 0) return search
  const key = masks.join(' ')
  const known = hidden.get(search) ?? new Map<string, Search>()
  hidden.set(search, known)
  const found = known.get(key) ?? search.hiding((type) => access.masked(type, 's'))
  known.set(key, found)
  return found
}

const makeSight = (
  search: Search,
  access: Access,
  { tenant, base, at }: { readonly tenant: number; readonly base: string; readonly at: number },
): Sight => {
  const conditions = new Map<string, RowCondition | undefined>()
  const reads = new Map<string, (id: string) => GuardedRead>()
  const of: Sight['of'] = (type, permission) => {
    const key = `${type}.${permission}`
    if (conditions.has(key)) return conditions.get(key)
    const made = search.reach(type, access.reach(type, permission), { base, at })
    conditions.set(key, made)
    return made
  }
  return {
    search: searchFor(search, access),
    of,
    isNothing: (type, permission) => search.isNever(of(type, permission)),
    read: (type, condition, id) => {
      const make = reads.get(type) ?? guardedRead(tenant, type, condition)
      reads.set(type, make)
      return make(id)
    },
    found: (type) => of(type, 's'),
    brought: (type) => eitherOf(search, of(type, 'r'), of(type, 's')),
  }
}

const eitherOf = (
  search: Search,
  a: RowCondition | undefined,
  b: RowCondition | undefined,
): RowCondition | undefined => {
  if (a === undefined || b === undefined) return undefined
  if (search.isNever(a)) return b
  if (search.isNever(b) || JSON.stringify(a) === JSON.stringify(b)) return a
  return { kind: 'some', of: [a, b] }
}
