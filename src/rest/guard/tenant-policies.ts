/** The policies that hold in a hospital: its own, and those of this server for the other roles. */
import type { Basic } from 'fhir/r4.js'
import { checkPolicy, type Judge, type Policies } from '../../access/load-policies.ts'
import { type Policy, PolicyFault, type TypeGroups } from '../../access/policy.ts'
import { policyIds, policyIn } from '../../access/policy-resource.ts'
import type { Role } from '../../access/principal.ts'
import type { Look } from './look.ts'

export type TenantPolicies = {
  of(tenant: number, look: Look): Promise<Policies>
  /** Why a resource is no policy that can be enforced; undefined when it is. */
  judge(basic: Basic): string | undefined
}

type Loaded = { readonly changes: string; readonly policies: Policies }

export const createTenantPolicies = (own: Policies, groups: TypeGroups, judge: Judge): TenantPolicies => {
  const tenants = new Map<number, Loaded>()
  const read = (basic: Basic): Policy => {
    const policy = policyIn(basic, groups)
    checkPolicy(policy, `Basic/${basic.id}`, judge)
    return policy
  }
  return {
    judge: (basic) => {
      try {
        read(basic)
        return undefined
      } catch (error) {
        if (error instanceof PolicyFault) return error.message
        throw error
      }
    },
    of: async (tenant, look) => {
      const changes = await look.changes('Basic')
      if (changes === '') return own
      const known = tenants.get(tenant)
      if (known?.changes === changes) return known.policies
      const policies = new Map<Role, Policy>(own)
      for (const id of policyIds) {
        const version = await look.current('Basic', id)
        if (!version?.content) continue
        const policy = read(JSON.parse(version.content) as Basic)
        policies.set(policy.role, policy)
      }
      tenants.set(tenant, { changes, policies })
      return policies
    },
  }
}
