/** What a reference points at: contained resources, entries of the same Bundle, then whoever knows more (http://hl7.org/fhir/R4/fhirpath.html#functions). */
import type { Env } from './code.ts'
import type { Item } from './item.ts'

type Json = { readonly [name: string]: unknown }

/** Undefined for what is not found and for what is no reference. */
export const resolveOne = (item: Item, env: Env): Item | undefined => {
  const reference = typeof item.value === 'string' ? item.value : (item.value as Json | undefined)?.reference
  if (typeof reference !== 'string' || reference === '') return undefined
  const resource = env.resource[0]?.value as Json | undefined
  const root = env.rootResource[0]?.value as Json | undefined
  const found = reference.startsWith('#')
    ? (inContained(resource, reference.slice(1)) ?? inContained(root, reference.slice(1)))
    : (inEntries(resource, reference) ?? inEntries(root, reference) ?? env.hooks.resolve?.(reference))
  return env.types.resource(found)
}

const inContained = (resource: Json | undefined, id: string): unknown => {
  if (id === '') return resource
  return Array.isArray(resource?.contained)
    ? resource.contained.find((candidate: Json | null) => candidate?.id === id)
    : undefined
}

/** By `fullUrl`, or by the end of it for `Patient/1`. */
const inEntries = (resource: Json | undefined, reference: string): unknown => {
  if (resource?.resourceType !== 'Bundle' || !Array.isArray(resource.entry)) return undefined
  const entry = resource.entry.find(
    (candidate: Json | null) =>
      typeof candidate?.fullUrl === 'string' &&
      (candidate.fullUrl === reference || candidate.fullUrl.endsWith(`/${reference}`)),
  )
  return (entry as Json | undefined)?.resource
}
