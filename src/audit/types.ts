/** Which kind of event it is, in the codes of IHE's Basic Audit Log Patterns: https://profiles.ihe.net/ITI/BALP/ */
import type { HappeningKind } from '../access/happening.ts'

export type Coding = { readonly system: string; readonly code: string; readonly display?: string }

const dicom = 'http://dicom.nema.org/resources/ontology/DCM'
export const dcm = (code: string, display: string): Coding => ({ system: dicom, code, display })

const rest: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  code: 'rest',
  display: 'Restful Operation',
}
const authentication = dcm('110114', 'User Authentication')
const alert = dcm('110113', 'Security Alert')

const interaction = 'http://hl7.org/fhir/restful-interaction'

/** What says more than DICOM's codes do is a code of this server. */
const ownSystem = 'urn:lamplight:audit'
const own = (code: string): Coding => ({ system: ownSystem, code })

const types: Readonly<Record<HappeningKind, readonly [type: Coding, subtype: Coding | undefined]>> = {
  rest: [rest, undefined],
  'sign-in': [authentication, dcm('110122', 'Login')],
  'sign-out': [authentication, dcm('110123', 'Logout')],
  token: [authentication, undefined],
  consent: [alert, undefined],
  account: [alert, undefined],
  'break-glass': [alert, dcm('110127', 'Emergency Override Started')],
  export: [dcm('110106', 'Export'), undefined],
  administration: [dcm('110100', 'Application Activity'), undefined],
}

/** `token-issued` is a code of this server, `read` of an interaction one of FHIR. */
export const typeOf = (event: {
  readonly kind: HappeningKind
  readonly code: string
}): { readonly type: Coding; readonly subtype: Coding } => {
  const [type, subtype] = types[event.kind]
  if (event.kind === 'rest') return { type, subtype: { system: interaction, code: event.code } }
  return { type, subtype: subtype ?? own(`${event.kind}-${event.code}`) }
}

/** Whether a code stands in a system where this server uses it as a type. */
export const isTypeOf = (system: string, code: string): boolean =>
  code === rest.code ? system === rest.system : system === dicom

/** The system of a subtype of this server's events; `isRest` for those whose type is `rest`. */
export const subtypeSystem = (code: string, isRest: boolean): string => {
  if (isRest) return interaction
  return Object.values(types).some(([, subtype]) => subtype?.code === code) ? dicom : ownSystem
}
