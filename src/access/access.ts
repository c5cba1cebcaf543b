/** What somebody may do, ready to be asked: policies, scopes and consent intersected. */
import type { Permission } from './scope.ts'

/** Resources of one type that a search finds: by compartment, or by search parameters which all hold. */
export type Restriction =
  | { readonly kind: 'compartment'; readonly type: string; readonly ids: readonly string[] }
  | { readonly kind: 'search'; readonly query: readonly (readonly [string, string])[] }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }

/**
 * Which resources of a type may be touched: none, all, or those that in each group meet one restriction. A group is
 * what one source allows (a policy's rules, the token's scopes); all sources must allow.
 */
export type Reach = 'none' | 'all' | { readonly groups: readonly (readonly Restriction[])[] }

export type Access = {
  /** Equal keys mean equal answers: what is made of them can be kept for a while. */
  readonly key: string
  reach(type: string, permission: Permission): Reach
  /** Elements of a type that must not leave: members of the resource, `identifier`. */
  masked(type: string, permission: Permission): readonly string[]
}

/** For the server itself. */
export const unrestricted: Access = { key: '*', reach: () => 'all', masked: () => [] }
