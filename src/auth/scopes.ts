/** Which scopes a client may ask for: http://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
import { parseScope, type SmartScope } from '../access/scope.ts'

/** Scopes that are about the person and the launch, not about resources. */
export const launchScopes = [
  'openid',
  'profile',
  'fhirUser',
  'launch',
  'launch/patient',
  'launch/encounter',
  'online_access',
  'offline_access',
] as const

const launch: ReadonlySet<string> = new Set(launchScopes)

export const isLaunchScope = (text: string): boolean => launch.has(text)

export const wordsOf = (scope: unknown): readonly string[] =>
  typeof scope === 'string' ? [...new Set(scope.split(' ').filter((word) => word !== ''))] : []

/** Whether a registration for `have` includes what `wanted` would open. */
export const covers = (have: SmartScope, wanted: SmartScope): boolean =>
  have.level === wanted.level &&
  (have.type === '*' || have.type === wanted.type) &&
  wanted.permissions.every((permission) => have.permissions.includes(permission)) &&
  have.query.every(([name, value]) => wanted.query.some(([n, v]) => n === name && v === value))

/** What is wrong with asking for these scopes, one sentence; undefined when a client so registered may. */
export const refusedScope = (
  asked: readonly string[],
  registered: readonly string[],
  isSystem: boolean,
): string | undefined => {
  const may = registered.flatMap((text) => parseScope(text) ?? [])
  for (const text of asked) {
    const scope = parseScope(text)
    if (scope === undefined && !isLaunchScope(text)) return `The scope ${text} is not known here.`
    const isRegistered = scope ? may.some((have) => covers(have, scope)) : registered.includes(text)
    if (!isRegistered) return `The client is not registered for the scope ${text}.`
    if (isSystem && scope?.level !== 'system')
      return `Without a person only scopes that begin with system/ can be given, not ${text}.`
    if (!isSystem && scope?.level === 'system')
      return `The scope ${text} is for systems that ask with client credentials.`
  }
  return undefined
}
