/** Path steps over plain JSON: members, children and descendants (http://hl7.org/fhirpath/N1/#path-selection). */
import { Item, type Items, type Member, type Types } from './item.ts'

/** Adds what one JSON member of an item holds. Values of a wrong shape are taken as they are: a walk never throws. */
export const pushMember = (into: Item[], item: Item, member: Member, types: Types): void => {
  const owner = (item.type.isPrimitive ? item.extra : item.value) as Record<string, unknown> | undefined
  if (typeof owner !== 'object' || owner === null) return
  const value = owner[member.json]
  const extra = member.sibling === undefined ? undefined : owner[member.sibling]
  if (value === undefined && extra === undefined) return
  if (Array.isArray(value) || Array.isArray(extra)) pushEach(into, value, extra, member, types)
  else push(into, value, extra, member, types)
}

const pushEach = (into: Item[], value: unknown, extra: unknown, member: Member, types: Types): void => {
  const values = Array.isArray(value) ? value : []
  const extras = Array.isArray(extra) ? extra : []
  const length = Math.max(values.length, extras.length)
  for (let i = 0; i < length; i++) push(into, values[i], extras[i], member, types)
}

const push = (into: Item[], value: unknown, extra: unknown, member: Member, types: Types): void => {
  const present = value === null ? undefined : value
  const beside = extra === null ? undefined : extra
  if (present === undefined && beside === undefined) return
  if (member.type) into.push(new Item(present, member.type, beside))
  else {
    const resource = types.resource(present)
    if (resource) into.push(resource)
  }
}

/** Whether a member holds anything: the same as a step and `exists()`, without making items. */
export const holds = (owner: Record<string, unknown>, member: Member): boolean =>
  isPresent(owner[member.json]) || (member.sibling !== undefined && isPresent(owner[member.sibling]))

const isPresent = (value: unknown): boolean => {
  if (value === undefined || value === null) return false
  return !Array.isArray(value) || value.some((item) => item !== null)
}

/** All children of the items, in the order of the JSON. */
export const childrenOf = (items: Items, types: Types): Items => {
  const children: Item[] = []
  for (const item of items) {
    const owner = item.type.isPrimitive ? item.extra : item.value
    if (typeof owner !== 'object' || owner === null) continue
    const members = item.type.byJson
    for (const name in owner) {
      // A primitive and its sibling are one child, taken with whichever name carries the value.
      const isSibling = name.charCodeAt(0) === 95
      if (isSibling && name.slice(1) in owner) continue
      const member = members.get(isSibling ? name.slice(1) : name)
      if (member) pushMember(children, item, member, types)
    }
  }
  return children
}

/** Children, their children and so on; `count` is told how many were found at each level. */
export const descendantsOf = (items: Items, types: Types, count: (found: number) => void): Items => {
  const all: Item[] = []
  let level = items
  while (level.length > 0) {
    level = childrenOf(level, types)
    count(level.length)
    for (const item of level) all.push(item)
  }
  return all
}
