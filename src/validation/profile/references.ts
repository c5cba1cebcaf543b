/** References: the type of their target, its profile, and the targets that are at hand: http://hl7.org/fhir/R4/references.html */
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { holdsAny } from './hold.ts'
import type { Check, Judgement, Scope } from './kinds.ts'
import { coreUrl } from './kinds.ts'
import { expressionOf, type Place } from './place.ts'
import { isPlain } from './values.ts'

const literal =
  /^(?:(https?:\/\/.*)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/

/** The resource that a reference points at, when it is contained or in the same Bundle. */
export const resolveReference = (reference: string, scope: Scope): JsonObject | undefined => {
  if (reference === '#') return scope.root
  if (reference.startsWith('#')) return containedWith(scope.root, reference.slice(1))
  return candidatesFor(reference, scope)[0]
}

const absolute = /^[a-z][a-z0-9+.-]*:/i

/** All entries that it may mean: by full URL, a relative one against the full URL of its own entry (http://hl7.org/fhir/R4/bundle.html#references). */
export const candidatesFor = (reference: string, scope: Scope): readonly JsonObject[] => {
  if (!scope.bundle) return []
  const [unversioned = '', version] = reference.split('/_history/')
  const base = scope.fullUrl === undefined ? undefined : literal.exec(scope.fullUrl)?.[1]
  const isRelative = !absolute.test(unversioned)
  if (isRelative && base === undefined) return []
  const wanted = isRelative ? `${base}/${unversioned}` : unversioned
  return (scope.bundle.byUrl.get(wanted) ?? []).filter((resource) => isVersion(resource, version))
}

const isVersion = ({ meta }: JsonObject, version: string | undefined): boolean =>
  version === undefined || !isPlain(meta) || meta.versionId === undefined || meta.versionId === version

export const containedWith = (root: JsonObject, id: string): JsonObject | undefined =>
  (Array.isArray(root.contained) ? root.contained : []).find(
    (resource): resource is JsonObject => isPlain(resource) && resource.id === id,
  )

/** `canonicals`: StructureDefinitions of types or profiles; empty means any. `isProfile`: the types are judged elsewhere. */
export const referenceCheck = (canonicals: readonly string[], isProfile: boolean): Check => {
  const any = canonicals.length === 0 || canonicals.includes(`${coreUrl}Resource`)
  let types: ReadonlySet<string> | undefined
  return (value, _sibling, place, run) => {
    if (!isPlain(value)) return
    if (!any) types ??= typesOf(canonicals, run)
    checkReference(value, place, run, canonicals, any ? undefined : types, isProfile)
  }
}

const typesOf = (canonicals: readonly string[], run: Judgement): ReadonlySet<string> =>
  new Set(
    canonicals.flatMap((url) => {
      const last = url.startsWith(coreUrl) ? url.slice(coreUrl.length) : ''
      if (run.registry.definitions.types.get(last)?.kind === 'resource') return [last]
      return run.registry.tree(url)?.type ?? []
    }),
  )

const checkReference = (
  value: JsonObject,
  place: Place,
  run: Judgement,
  canonicals: readonly string[],
  types: ReadonlySet<string> | undefined,
  isProfile: boolean,
): void => {
  const { reference, type } = value
  const target = typeof reference === 'string' ? resolveReference(reference, run.scope) : undefined
  const named = typeof reference === 'string' ? literal.exec(reference)?.[2] : undefined
  const stated = typeof type === 'string' ? type.replace(coreUrl, '') : undefined
  const actual = (target?.resourceType as string | undefined) ?? (isResource(named, run) ? named : undefined)
  if (!isProfile) base(value, place, run, target, actual, stated)
  const judged = actual ?? (isResource(stated, run) ? stated : undefined)
  if (types && types.size > 0 && judged !== undefined && !types.has(judged) && !types.has('Resource'))
    run.error(
      'structure',
      'reference-target',
      place,
      `refers to a resource of type ${judged}; allowed are ${[...types].join(', ')}.`,
    )
  else if (isProfile && typeof reference === 'string' && judged !== undefined)
    profiles(reference, judged, place, run, canonicals, target)
}

const isResource = (type: string | undefined, run: Judgement): type is string =>
  type !== undefined && run.registry.definitions.types.get(type)?.kind === 'resource'

/** `Patient?identifier=1`, which transactions replace: http://hl7.org/fhir/R4/http.html#trules */
const isConditional = (reference: string, run: Judgement): boolean => {
  const mark = reference.indexOf('?')
  return mark > 0 && isResource(reference.slice(0, mark), run)
}

const base = (
  value: JsonObject,
  place: Place,
  run: Judgement,
  target: JsonObject | undefined,
  actual: string | undefined,
  stated: string | undefined,
): void => {
  const { reference } = value
  if (stated !== undefined && actual !== undefined && stated !== actual)
    run.error('structure', 'reference-type', place, `says type ${stated} and refers to type ${actual}.`)
  if (typeof reference !== 'string' || target) return
  if (reference.startsWith('#'))
    run.error('structure', 'ref-1', place, `refers to ${reference}, and no contained resource has this id.`)
  else if (actual === undefined && !absolute.test(reference) && !isConditional(reference, run))
    run.error(
      'value',
      'reference-form',
      place,
      `refers to ${JSON.stringify(reference.slice(0, 80))}, which is none of [type]/[id] with a type of R4, #[id] and an absolute URL; where only an identifier is known, give that as identifier.`,
    )
  else if (!run.scope.bundle && actual !== undefined && !reference.includes(':'))
    run.references.push({ reference, expression: expressionOf(place), profiles: [] })
}

const profiles = (
  reference: string,
  type: string,
  place: Place,
  run: Judgement,
  canonicals: readonly string[],
  target: JsonObject | undefined,
): void => {
  const wanted = canonicals.filter((url) => url !== coreUrl + type && typeOf(url, run) === type)
  if (wanted.length === 0 || canonicals.includes(coreUrl + type)) return
  if (!target) {
    if (!reference.startsWith('#'))
      run.references.push({ reference, expression: expressionOf(place), profiles: wanted })
    return
  }
  if (!holdsAny(target, wanted, place, run))
    run.error(
      'structure',
      'reference-profile',
      place,
      `refers to a resource that does not meet ${wanted.join(' or ')}.`,
    )
}

const typeOf = (url: string, run: Judgement): string | undefined => run.registry.tree(url)?.type

/** Every string below that begins with `#`. */
export const localReferences = (value: JsonValue, into: Set<string>): Set<string> => {
  if (typeof value === 'string') {
    if (value.charCodeAt(0) === 35) into.add(value)
  } else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) localReferences(item, into)
  return into
}
