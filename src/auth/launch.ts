/** Contexts that an EHR opens an app with: http://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
import { randomBytes } from 'node:crypto'
import { invalid } from '../base/problem.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import type { OidcItems } from '../store/index.ts'

/** What an app is told together with its token, by the names that it has there. */
export type LaunchContext = {
  readonly patient?: string
  readonly encounter?: string
  readonly fhirContext?: readonly Readonly<Record<string, unknown>>[]
  readonly need_patient_banner?: boolean
  readonly smart_style_url?: string
  readonly intent?: string
}

/** `account`: only this person may continue. */
export type StoredLaunch = LaunchContext & { readonly account?: string }

export type Launches = {
  /** What a client then passes on as `launch`; it holds for five minutes and once. */
  open(tenant: number, launch: StoredLaunch): Promise<string>
  /** Without using it up. */
  look(tenant: number, handle: string): Promise<StoredLaunch | undefined>
  /** Uses it up; undefined when somebody did. */
  take(tenant: number, handle: string): Promise<StoredLaunch | undefined>
  /** Kept with an authorization, so that every token of it says the same. */
  keep(tenant: number, grant: string, context: LaunchContext, ttl: number): Promise<void>
  of(tenant: number, grant: string): Promise<LaunchContext>
}

const life = 300

export const createLaunches = (items: OidcItems): Launches => ({
  open: async (tenant, launch) => {
    const handle = randomBytes(24).toString('base64url')
    await items.put(tenant, 'LaunchContext', handle, launch, life)
    return handle
  },
  look: async (tenant, handle) => storedOf((await items.find(tenant, 'LaunchContext', handle))?.payload),
  take: async (tenant, handle) => storedOf(await items.take(tenant, 'LaunchContext', handle)),
  keep: (tenant, grant, context, ttl) =>
    items.put(tenant, 'GrantContext', grant, context as Record<string, unknown>, ttl),
  of: async (tenant, grant) => contextOf((await items.find(tenant, 'GrantContext', grant))?.payload ?? {}),
})

const storedOf = (payload: Readonly<Record<string, unknown>> | undefined): StoredLaunch | undefined => {
  if (payload === undefined) return undefined
  const { account } = payload as StoredLaunch
  return { ...contextOf(payload), ...(account === undefined ? {} : { account }) }
}

/** Only the names of a context: what is kept beside them stays here. */
export const contextOf = (payload: Readonly<Record<string, unknown>>): LaunchContext => {
  const { patient, encounter, fhirContext, need_patient_banner, smart_style_url, intent } =
    payload as LaunchContext
  return {
    ...(patient === undefined ? {} : { patient }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(fhirContext === undefined ? {} : { fhirContext }),
    ...(need_patient_banner === undefined ? {} : { need_patient_banner }),
    ...(smart_style_url === undefined ? {} : { smart_style_url }),
    ...(intent === undefined ? {} : { intent }),
  }
}

const id = /^[A-Za-z0-9\-.]{1,64}$/

const checks: Readonly<Record<keyof LaunchContext | 'account', (value: unknown) => boolean>> = {
  patient: (value) => typeof value === 'string' && id.test(value),
  encounter: (value) => typeof value === 'string' && id.test(value),
  fhirContext: (value) => Array.isArray(value) && value.length <= 50 && value.every(isContextItem),
  need_patient_banner: (value) => typeof value === 'boolean',
  smart_style_url: (value) => typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? ''),
  intent: (value) => typeof value === 'string' && value.length > 0 && value.length <= 200,
  account: (value) => typeof value === 'string' && value.length > 0 && value.length <= 100,
}

/** `{ reference }`, and since version 2.2 `canonical` and `identifier` too; Patient and Encounter have names of their own. */
const isContextItem = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const { reference, canonical, identifier } = value as Record<string, unknown>
  if (typeof reference === 'string') {
    const [type = '', name = ''] = reference.split('/')
    return isResourceType(type) && id.test(name)
  }
  return typeof canonical === 'string' || (typeof identifier === 'object' && identifier !== null)
}

/** Reads what an EHR sends. Throws `Problem` (400) naming what is wrong. */
export const parseLaunch = (body: unknown): StoredLaunch => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('Send the launch context as a JSON object with patient, encounter, fhirContext or others.')
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, name) ? checks[name as keyof typeof checks] : undefined
    if (!check)
      throw invalid(`${name} is not part of a launch context; use ${Object.keys(checks).join(', ')}.`)
    if (!check(value)) throw invalid(`The value of ${name} is not one that a launch context can have.`)
  }
  return body as StoredLaunch
}
