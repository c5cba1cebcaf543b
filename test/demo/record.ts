/** Reads a generated record back as a client would see it: plain JSON, resources by reference. */
import type { Bundle, FhirResource } from 'fhir/r4.js'

type Resource = FhirResource & { id: string }

export const resourcesOf = (bundle: Bundle): Resource[] =>
  bundle.entry!.map((entry) => entry.resource as Resource)

export const ofType = <T extends Resource['resourceType']>(
  bundle: Bundle,
  type: T,
): (Extract<FhirResource, { resourceType: T }> & { id: string })[] =>
  resourcesOf(bundle).filter((r) => r.resourceType === type) as never

/** Every `Reference.reference` in a value. */
export function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) {
    if (key === 'reference' && typeof member === 'string') yield member
    else yield* references(member)
  }
}

/** What others in the Bundle, or outside of it, call its resources. */
export const namesIn = (bundle: Bundle): string[] =>
  bundle.entry!.flatMap((e) => [e.fullUrl ?? [], e.request!.url].flat())
