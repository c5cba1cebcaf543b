/** A Binary may be read by whoever may read what it belongs to: http://hl7.org/fhir/R4/binary.html#security */
import { byContext } from '../../access/access.ts'
import type { Reader, ResourceKey, Version } from '../../store/index.ts'
import { localReference } from '../references.ts'
import type { Viewer } from './sight.ts'

/** Whether all that decides about a Binary, policy and scopes, leaves it to its `securityContext`, or allows all. */
export const isByContext = ({ access }: Pick<Viewer, 'access'>, type: string): boolean => {
  if (type !== 'Binary') return false
  const reach = access.reach(type, 'r')
  return typeof reach === 'object' && reach.groups.every((group) => group.includes(byContext))
}

/** The version, if the caller may read the resource that its `securityContext` refers to. `read` is held to that. */
export const ifContext = async (
  { tenant, base }: Pick<Viewer, 'tenant' | 'base'>,
  read: Reader['current'],
  version: Version | undefined,
): Promise<Version | undefined> => {
  const key = contextOf(version, base)
  return key && (await read(tenant, key))?.content ? version : undefined
}

/** What a Binary belongs to, if that is a resource of this server. */
export const contextOf = (version: Version | undefined, base: string): ResourceKey | undefined => {
  if (!version?.content) return undefined
  const { securityContext } = JSON.parse(version.content) as { securityContext?: { reference?: unknown } }
  const text = securityContext?.reference
  const key = typeof text === 'string' ? localReference(text, base) : undefined
  return key?.type === 'Binary' ? undefined : key
}
