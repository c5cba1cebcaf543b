/** A concept of which only the code and perhaps a display are known. */
import type { Concept } from '../system.ts'

export const bare = (code: string, display?: string): Concept => ({
  code,
  ...(display === undefined ? {} : { display }),
  designations: [],
  properties: [],
  inactive: false,
  abstract: false,
})
