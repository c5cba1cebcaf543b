/** Contained resources: known by id, referred to, without what only whole resources have: http://hl7.org/fhir/R4/references.html#contained */
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { localReferences } from './references.ts'
import { isPlain } from './values.ts'

export const containedRules = (container: JsonObject, up: Place, run: Judgement): void => {
  const contained = Array.isArray(container.contained) ? container.contained : []
  const used = localReferences(container, new Set())
  const ids = new Set<string>()
  for (const [index, resource] of contained.entries()) {
    if (!isPlain(resource)) continue
    const place: Place = { up, name: 'contained', index, type: String(resource.resourceType) }
    identified(resource, ids, place, run)
    isUsed(resource, used, place, run)
    isPart(resource, place, run)
  }
}

const identified = (resource: JsonObject, ids: Set<string>, place: Place, run: Judgement): void => {
  const { id } = resource
  if (typeof id !== 'string')
    run.error('required', 'contained-id', place, 'is contained and has no id; give it one.')
  else if (ids.has(id))
    run.error(
      'duplicate',
      'contained-id',
      place,
      'has the id of another contained resource; give each its own.',
    )
  else ids.add(id)
}

/** dom-3; a contained resource may instead refer to its container by `#`. */
const isUsed = (resource: JsonObject, used: ReadonlySet<string>, place: Place, run: Judgement): void => {
  if (typeof resource.id !== 'string' || used.has(`#${resource.id}`)) return
  if (localReferences(resource, new Set()).has('#')) return
  run.error(
    'invariant',
    'dom-3',
    place,
    'is contained and nothing in the resource refers to it; refer to it by # and its id, or leave it out.',
  )
}

/** dom-4 and dom-5. */
const isPart = (resource: JsonObject, place: Place, run: Judgement): void => {
  if (!isPlain(resource.meta)) return
  if (resource.meta.versionId !== undefined || resource.meta.lastUpdated !== undefined)
    run.error(
      'invariant',
      'dom-4',
      place,
      'is contained and must not have meta.versionId or meta.lastUpdated.',
    )
  if (resource.meta.security !== undefined)
    run.error('invariant', 'dom-5', place, 'is contained and must not have meta.security.')
}
