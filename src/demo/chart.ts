/** One patient's record while it is being written: collects resources and hands out references to them. */
import type { Bundle, BundleEntry, FhirResource, Reference } from 'fhir/r4.js'
import { type Body, createBody } from './body.ts'
import type { Hospital, Practitioner } from './hospital.ts'
import { createIds } from './ids.ts'
import type { Person } from './person.ts'
import type { Problem } from './problems.ts'
import type { Random } from './random.ts'
import type { Time } from './time.ts'

export type Chart = {
  readonly person: Person
  readonly hospital: Hospital
  readonly random: Random
  /** The chronic problems, in the order of their onset. */
  readonly problems: readonly Problem[]
  readonly subject: Reference
  readonly familyDoctor: Practitioner
  readonly body: Body
  /** Ids of the Conditions of the problems that are known to the hospital by now. */
  readonly diagnosed: Map<Problem, string>
  readonly now: Time
  /** Nothing happens after this: death, or now. */
  readonly end: Time
  /** An id for a resource that others refer to before it is added. */
  newId(): string
  /** Puts a resource into the record. It must have an id. */
  add(resource: FhirResource & { id: string }): Reference
  readonly entries: BundleEntry[]
}

/** A reference to a resource of the same Bundle, by its `fullUrl`. */
export const urn = (id: string): Reference => ({ reference: `urn:uuid:${id}` })

export const createChart = (
  about: Pick<Chart, 'person' | 'hospital' | 'random' | 'problems' | 'familyDoctor'>,
): Chart => {
  const { person, hospital } = about
  const entries: BundleEntry[] = []
  const newId = createIds(hospital.seed, person.index)
  const patientId = newId()
  return {
    ...about,
    body: createBody(person, about.problems, about.random),
    diagnosed: new Map(),
    now: hospital.now,
    end: person.died ?? hospital.now,
    subject: { ...urn(patientId), display: person.name.text },
    entries,
    newId,
    add: (resource) => {
      entries.push(put(resource, `urn:uuid:${resource.id}`))
      return urn(resource.id)
    },
  }
}

/** The patient's own id within the chart. */
export const patientId = (chart: Chart): string => chart.subject.reference!.slice('urn:uuid:'.length)

/** An entry that makes or updates the resource under its id: http://hl7.org/fhir/R4/http.html#upsert */
export const put = (resource: FhirResource & { id: string }, fullUrl?: string): BundleEntry => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
})

export const transaction = (entry: BundleEntry[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry,
})
