/** Whether a resource or a value meets a profile, as an answer and not as findings. */
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Judgement } from './kinds.ts'
import { type Place, rootPlace } from './place.ts'
import { isPlain } from './values.ts'

/**
 * Whether it meets one of the profiles. Profiles that are not loaded count as met, with a doubt at the place:
 * who cannot judge must not refuse.
 */
export const holdsAny = (
  value: unknown,
  canonicals: readonly string[],
  place: Place,
  run: Judgement,
): boolean => {
  const missing: string[] = []
  for (const canonical of canonicals) {
    const held = holds(value, canonical, run, place)
    if (held) return true
    if (held === undefined) missing.push(canonical)
  }
  for (const canonical of missing)
    run.doubt('not-found', 'profile-unknown', place, `cannot be held against ${canonical}: it is not loaded.`)
  return missing.length > 0
}

/** Undefined when the profile is not loaded. */
export const holds = (
  value: unknown,
  canonical: string,
  run: Judgement,
  place: Place,
): boolean | undefined => {
  const profile = run.registry.profile(canonical)
  if (!profile) return undefined
  const isResource = isPlain(value) && typeof value.resourceType === 'string'
  const actual = isResource ? (value.resourceType as string) : place.type
  if (isResource && !run.registry.isA(actual, profile.type)) return false
  return once(value, canonical, run, () => {
    const trial = run.fork()
    const judge = () => profile.check(value, undefined, isResource ? rootPlace(actual) : place, trial)
    if (isResource) trial.within(scopeOf(value as JsonObject, run), judge)
    else judge()
    return !trial.hasErrors
  })
}

const scopeOf = (resource: JsonObject, run: Judgement): Judgement['scope'] => {
  const isContained = Array.isArray(run.scope.root.contained) && run.scope.root.contained.includes(resource)
  if (isContained) return { ...run.scope, resource }
  const { bundle } = run.scope
  const fullUrl = bundle?.fullUrls.get(resource)
  return { resource, root: resource, ...(bundle && { bundle }), ...(fullUrl !== undefined && { fullUrl }) }
}

/** A circle of references counts as met where it closes; many references to one resource are judged once. */
const once = (value: unknown, canonical: string, run: Judgement, judge: () => boolean): boolean => {
  if (!isPlain(value)) return judge()
  const held = run.held.get(value) ?? new Map<string, boolean>()
  const known = held.get(canonical)
  if (known !== undefined) return known
  run.held.set(value, held.set(canonical, true))
  const verdict = judge()
  held.set(canonical, verdict)
  return verdict
}
