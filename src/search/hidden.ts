/** Search parameters that would tell of elements which somebody must not see. */
import type { Extractor, Indexed } from './extract.ts'

/** Elements of a type, as members of its JSON; none for types of which all is seen. */
export type Masked = (type: string) => readonly string[]

const firstStep = /(?:^|[^A-Za-z0-9_.])([A-Z][A-Za-z]*)\.([a-zA-Z]+)/g

/** A choice is masked by its members: `multipleBirthBoolean` hides what is told of `multipleBirth`. */
const tells = (expression: string, type: string, names: readonly string[]): boolean => {
  for (const [, of, element = ''] of expression.matchAll(firstStep))
    if (of === type && names.some((name) => name === element || isChoiceOf(name, element))) return true
  return false
}

const isChoiceOf = (name: string, element: string): boolean =>
  name.startsWith(element) && /^[A-Z]/.test(name.slice(element.length))

const isHidden = ({ definition }: Indexed, type: string, names: readonly string[]): boolean =>
  definition.type === 'composite' || tells(definition.expression ?? '', type, names)

/** The same parameters without those that are hidden, as if they did not exist. Rows are written as ever. */
export const hiding = (extractor: Extractor, masked: Masked): Extractor => {
  const kept = new Map<string, ReadonlyMap<string, Indexed>>()
  return {
    ...extractor,
    hidesText: (type) => masked(type).length > 0,
    indexed: (type) => {
      const names = masked(type)
      if (names.length === 0) return extractor.indexed(type)
      const known = kept.get(type)
      if (known) return known
      const seen = new Map(
        [...extractor.indexed(type)].filter(([, indexed]) => !isHidden(indexed, type, names)),
      )
      kept.set(type, seen)
      return seen
    },
  }
}
