/** A resource wherever it stands: alone, contained, in an entry or a parameter: http://hl7.org/fhir/R4/resource.html */
import type { JsonObject } from '../../fhir/json/value.ts'
import { containedRules } from './contained.ts'
import type { Check, Judgement, Scope } from './kinds.ts'
import { coreUrl } from './kinds.ts'
import { missingBase } from './missing-base.ts'
import type { Place } from './place.ts'
import { resourceRules } from './resource-rules.ts'
import { isPlain } from './values.ts'
import { vitalSignRule } from './vital-signs.ts'

/** Judges the resource in `run.scope` by its type and by the profiles that it and the caller name. */
export const checkResource = (
  resource: JsonObject,
  place: Place,
  run: Judgement,
  profiles: readonly string[],
): void => {
  const type = resource.resourceType
  if (typeof type !== 'string' || run.registry.definitions.types.get(type)?.kind !== 'resource') return
  run.registry.typeCheck(type)(resource, undefined, place, run)
  if (Array.isArray(resource.contained)) containedRules(resource, place, run)
  resourceRules[type]?.(resource, place, run)
  const all = named(resource, profiles)
  for (const canonical of all) hold(resource, type, canonical, place, run)
  if (type === 'Observation') vitalSignRule(resource, all, place, run)
}

const named = (resource: JsonObject, profiles: readonly string[]): readonly string[] => {
  const own = isPlain(resource.meta) && Array.isArray(resource.meta.profile) ? resource.meta.profile : []
  const canonicals = own.filter((canonical): canonical is string => typeof canonical === 'string')
  if (canonicals.length === 0) return profiles
  return [...new Set([...canonicals, ...profiles])]
}

const hold = (resource: JsonObject, type: string, canonical: string, place: Place, run: Judgement): void => {
  if (canonical === coreUrl + type) return
  const profile = run.registry.profile(canonical)
  if (!profile) {
    const missing = missingBase(run.registry.canonicals, canonical)
    run.doubt(
      'not-found',
      'profile-unknown',
      place,
      missing === undefined || missing === canonical
        ? `names the profile ${canonical}, which is not loaded; load its package or leave it out.`
        : `names the profile ${canonical}, which is based on ${missing}; that is not loaded; load its package or post it.`,
    )
    return
  }
  const { definition } = profile.tree
  if (!run.registry.isA(type, profile.type)) {
    run.error(
      'structure',
      'profile-type',
      place,
      `is a ${type}, and ${canonical} is a profile on ${profile.type}.`,
    )
    return
  }
  if (definition.status === 'retired')
    run.warn('business-rule', 'profile-retired', place, `names the profile ${canonical}, which is retired.`)
  if (definition.abstract && definition.derivation === 'constraint')
    run.warn(
      'business-rule',
      'profile-abstract',
      place,
      `names the abstract profile ${canonical}; name one that is based on it.`,
    )
  profile.check(resource, undefined, place, run)
}

/** For elements of type Resource. A contained one shares the root with its container, others are roots themselves. */
export const innerResource = (isContained: boolean, owner: string): Check => {
  const isEntry = owner === 'Bundle.entry'
  return (value, _sibling, place, run) => {
    if (!isPlain(value)) return
    const type = typeof value.resourceType === 'string' ? value.resourceType : place.type
    const scope: Scope = isContained
      ? { ...run.scope, resource: value }
      : isEntry
        ? entryScope(value, run)
        : { resource: value, root: value }
    run.within(scope, () => checkResource(value, { ...place, type }, run, []))
  }
}

const entryScope = (resource: JsonObject, run: Judgement): Scope => {
  const bundle = run.indexOf(run.scope.resource)
  const fullUrl = bundle.fullUrls.get(resource)
  return { resource, root: resource, bundle, ...(fullUrl === undefined ? {} : { fullUrl }) }
}
