/** What a transaction is about to write, found by what conditions ask of it: http://hl7.org/fhir/R4/http.html#trules */
import type { Ctx } from '../../access/ctx.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Condition, IndexRows } from '../../search/index.ts'
import { keyText, type ResourceKey } from '../../store/index.ts'
import type { House } from '../house.ts'

/** A resource that this transaction writes, as conditions see it; `rows` are made when first asked for. */
export type Pending = { readonly key: ResourceKey; readonly rows: () => IndexRows }

export const pendingOf = (house: House, ctx: Ctx, key: ResourceKey, value: JsonObject): Pending => {
  let rows: IndexRows | undefined
  return {
    key,
    rows: () => {
      rows ??= house.search.extract(key.type, value, ctx.base)
      return rows
    },
  }
}

/** All of them. A large Bundle may hold as many conditions as resources, so that no condition looks at every resource. */
export type PendingSet = {
  add(pending: Pending): void
  has(key: ResourceKey): boolean
  /** Of the condition's type, all that may meet it and some that do not. */
  candidates(condition: Condition): readonly Pending[]
}

const listIn = (lists: Map<string, Pending[]>, name: string): Pending[] => {
  const known = lists.get(name)
  if (known) return known
  const made: Pending[] = []
  lists.set(name, made)
  return made
}

const shortest = (choices: readonly (readonly Pending[])[]): readonly Pending[] | undefined =>
  choices.length === 0 ? undefined : choices.reduce((a, b) => (b.length < a.length ? b : a))

export const createPendingSet = (items: readonly Pending[] = []): PendingSet => {
  const keys = new Map<string, Pending>()
  const byType = new Map<string, Pending[]>()
  const byToken = new Map<string, Pending[]>()
  let unindexed: Pending[] = []

  const withToken = (type: string, token: string): readonly Pending[] => {
    for (const pending of unindexed)
      for (const own of new Set(pending.rows().tokens))
        listIn(byToken, `${pending.key.type} ${own}`).push(pending)
    unindexed = []
    return byToken.get(`${type} ${token}`) ?? []
  }

  const add = (pending: Pending): void => {
    keys.set(keyText(pending.key), pending)
    listIn(byType, pending.key.type).push(pending)
    unindexed.push(pending)
  }
  for (const item of items) add(item)

  return {
    add,
    has: (key) => keys.has(keyText(key)),
    candidates: ({ plan: { type, where } }) => {
      const all = byType.get(type)
      if (!all) return []
      const choices = where.flatMap((part) => {
        if (part.kind === 'tokens') return [[...new Set(part.any.flatMap((token) => withToken(type, token)))]]
        if (part.kind === 'ids') return [part.any.flatMap((id) => keys.get(keyText({ type, id })) ?? [])]
        return []
      })
      return shortest(choices) ?? all
    },
  }
}
