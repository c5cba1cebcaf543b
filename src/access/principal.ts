/** Who asks: a person, a system, or this server itself. */
import type { SmartScope } from './scope.ts'

/** What a person or a system is in the hospital; each has a policy of its own. */
export const roles = [
  'patient',
  'caregiver',
  'doctor',
  'nurse',
  'receptionist',
  'lab-staff',
  'pharmacist',
  'radiographer',
  'accountant',
  'ward-manager',
  'hospital-administrator',
  'super-administrator',
  'external-system',
  'device-hub',
] as const
export type Role = (typeof roles)[number]

/** Immutable, and for one request. */
export type Principal = {
  /** `internal` is the server itself: timers, background builds, the operator at the console. */
  readonly kind: 'person' | 'system' | 'internal'
  /** The account of a person, the client id of a system. */
  readonly id: string
  /** For people who read the record: a name, never a secret. */
  readonly display: string
  /** The application that acts for a person. */
  readonly client?: string
  readonly roles: readonly Role[]
  /** `Practitioner/1`, `Patient/1`, `RelatedPerson/1`, `PractitionerRole/1`: who the person is among the resources. */
  readonly fhirUser?: string
  /** What the token was launched with: ids. */
  readonly patient?: string
  readonly encounter?: string
  /** What the token allows; `all` for the server itself. */
  readonly scopes: readonly SmartScope[] | 'all'
  /** Of the token, to be named in the record: never the token itself. */
  readonly session?: string
  /** Set while the person has broken the glass for a patient: id of the patient → reason. */
  readonly emergency?: ReadonlyMap<string, string>
}

/** The server itself. */
export const internal: Principal = {
  kind: 'internal',
  id: 'lamplight',
  display: 'Lamplight',
  roles: [],
  scopes: 'all',
}

/** Whoever has not said who it is. */
export const anybody: Principal = {
  kind: 'system',
  id: 'anonymous',
  display: 'Anonymous',
  roles: [],
  scopes: [],
}
