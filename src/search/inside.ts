/** Conditions on contained resources, made of the conditions on resources of their own. http://hl7.org/fhir/R4/search.html#contained */
import { anyToken, type Condition, every, type Link, not, some, through } from './algebra.ts'
import { idToken, presentMarker, slots, typeMarker } from './contained.ts'

const never = some([])

/**
 * The condition for a resource of the type that is contained, in a space of contained.ts; undefined when its rows do
 * not tell: positions, and hierarchies.
 */
export const inSpace = (space: string, type: string, condition: Condition): Condition | undefined => {
  const isNegative = hasNegation(condition)
  const made = mapped(space, type, condition)
  if (!made || !isNegative) return made
  // What is not so must still be there.
  return every([anyToken([typeMarker(space, type)], 'many'), made])
}

const hasNegation = (condition: Condition): boolean => {
  if (condition.kind === 'not') return true
  if (condition.kind === 'every') return condition.of.length === 0 || condition.of.some(hasNegation)
  return condition.kind === 'some' && condition.of.some(hasNegation)
}

const mapped = (space: string, type: string, condition: Condition): Condition | undefined => {
  const name = (parameter: string): string => space + parameter
  switch (condition.kind) {
    case 'tokens':
      return anyToken(condition.any.map(name), condition.rank)
    case 'ids':
      return anyToken(
        condition.any.map((id) => idToken(space, type, id)),
        'few',
      )
    case 'present':
      return anyToken([presentMarker(space, type, condition.bit)], 'many')
    case 'strings':
      return { ...condition, parameter: name(condition.parameter) }
    case 'dates':
      return { ...condition, parameter: name(condition.parameter), primary: false }
    case 'quantities':
    case 'texts':
      return { ...condition, parameters: condition.parameters.map(name) }
    case 'not': {
      const of = mapped(space, type, condition.of)
      return of && not(of)
    }
    case 'every':
    case 'some': {
      const all = condition.of.map((one) => mapped(space, type, one))
      if (!all.every((one) => one !== undefined)) return undefined
      return condition.kind === 'every' ? every(all) : some(all)
    }
    case 'types':
      return condition.any.includes(type) ? every([]) : never
    case 'through':
      return throughSpace(space, type, condition)
    // Nothing outside refers to what is contained, and it has no time of its own.
    case 'reverse':
    case 'updated':
      return never
    case 'near':
    case 'lineage':
      return undefined
  }
}

const throughSpace = (
  space: string,
  type: string,
  { any, inside }: Condition & { readonly kind: 'through' },
): Condition | undefined => {
  const links = any.map((link): Link => ({ ...link, prefix: space + link.prefix }))
  if (!inside) return through(links)
  const further = mapped(space, type, inside.where)
  return further && through(links, { marker: space + inside.marker, where: further })
}

/** The condition that one contained resource of the type meets all of the conditions; undefined as above. */
export const containing = (type: string, where: readonly Condition[]): Condition | undefined => {
  if (where.length === 0) return anyToken([typeMarker('#', type)], 'most')
  const alternatives = slots.map((space) => {
    const all = where.map((one) => inSpace(space, type, one))
    return all.every((one) => one !== undefined) ? every(all) : undefined
  })
  if (!alternatives.every((one) => one !== undefined)) return undefined
  const tokens = alternatives.flatMap((one) => (one.kind === 'tokens' ? [one] : []))
  const [first] = tokens
  if (first && tokens.length === alternatives.length)
    return anyToken(
      tokens.flatMap(({ any }) => any),
      first.rank,
    )
  return some(alternatives)
}
