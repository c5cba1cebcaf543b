/** What the loaders give: rows of concepts, in any order; rows of one code belong together. */
import type { Designation, Property, PropertyDefinition } from '../system.ts'

/** `partial`: adds to a concept that another row makes, and is dropped when there is none. */
export type ConceptRow = {
  readonly code: string
  readonly partial?: boolean
  readonly display?: string
  readonly definition?: string
  readonly inactive?: boolean
  readonly abstract?: boolean
  readonly designations?: readonly Designation[]
  readonly properties?: readonly Property[]
  /** Codes of the concepts directly above. */
  readonly parents?: readonly string[]
}

/** A code system as it is loaded. `rows` gives the same rows in the same order every time. */
export type Loading = {
  readonly url: string
  readonly version?: string
  readonly name: string
  readonly properties: readonly PropertyDefinition[]
  rows(): AsyncIterable<ConceptRow>
}

/** A file that cannot be read as what it should be; the message is for who loads it. */
export class LoadError extends Error {}

/** A property with text; none for an empty text. */
export const textProperty = (
  code: string,
  text: string | undefined,
  kind: Property['kind'] = 'string',
): Property[] => (text === undefined || text === '' ? [] : [{ code, kind, text }])
