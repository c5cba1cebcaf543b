/** A hospital's own policy of a role, as a Basic resource: `Basic/access-policy-[role]` stands in for the one of this server. */
import type { Basic } from 'fhir/r4.js'
import { type Policy, PolicyFault, readPolicy, type TypeGroups } from './policy.ts'
import { type Role, roles } from './principal.ts'

const prefix = 'access-policy-'

/** The extension whose string is the policy's JSON. */
export const policyExtension = 'https://lamplight.dev/fhir/StructureDefinition/access-policy'

export const policyIds: readonly string[] = roles.map((role) => prefix + role)

/** Whether a resource decides what others may do: only administrators change it. */
export const isPolicyKey = ({ type, id }: { readonly type: string; readonly id: string }): boolean =>
  type === 'Basic' && id.startsWith(prefix)

const administrators: readonly Role[] = ['hospital-administrator', 'super-administrator']

/** Whether somebody may set up what others may do. */
export const isAdministrator = (who: { readonly roles: readonly Role[] }): boolean =>
  who.roles.some((role) => administrators.includes(role))

/** Throws PolicyFault. */
export const policyIn = ({ id = '', extension = [] }: Basic, groups: TypeGroups): Policy => {
  const text = extension.find(({ url }) => url === policyExtension)?.valueString
  if (text === undefined)
    throw new PolicyFault(
      `Basic/${id}: needs the extension ${policyExtension} with the policy's JSON as valueString.`,
    )
  const policy = readPolicy(parsed(text, id), groups, `Basic/${id}`)
  if (id !== prefix + policy.role)
    throw new PolicyFault(
      `Basic/${id}: holds a policy of ${policy.role}; its id must be ${prefix}${policy.role}.`,
    )
  return policy
}

const parsed = (text: string, id: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PolicyFault(`Basic/${id}: the policy is no JSON: ${(error as Error).message}`)
  }
}
