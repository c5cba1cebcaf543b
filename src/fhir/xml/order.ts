/** Elements stand in the order of their definition, repetitions together, single ones once: http://hl7.org/fhir/R4/xml.html */
import type { Frame } from './frame.ts'
import type { Child } from './shape.ts'

/** Notes that `child` comes next in its parent; gives a sentence when it must not. */
export const checkOrder = (parent: Frame, child: Child): string | undefined => {
  const { latest } = parent
  if (latest === undefined || child.order > latest.order) {
    parent.latest = child
    return undefined
  }
  if (child.order < latest.order)
    return `${child.name} must stand before ${latest.name}; FHIR's XML has elements in the order of their definition, repetitions together.`
  if (child !== latest) return `only one of ${latest.name} and ${child.name} may be here; keep one of them.`
  return child.array ? undefined : `${child.name} stands more than once; keep one of them.`
}
