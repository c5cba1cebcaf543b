/** Rules of resource types that their definitions state in words only. */
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Place } from './place.ts'
import type { Run } from './run.ts'

export type ResourceRule = (resource: JsonObject, place: Place, run: Run) => void

/** By type. */
export const resourceRules: Readonly<Record<string, ResourceRule>> = {}
