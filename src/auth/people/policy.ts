/** Rules of accounts that are the same everywhere: roles, second factors, lifetimes, limits. */
import { type Role, roles } from '../../access/principal.ts'

/** Systems are clients of the authorization server and have no accounts. */
const systems: readonly Role[] = ['external-system', 'device-hub']

/** Roles that a person can have. */
export const personRoles: readonly Role[] = roles.filter((role) => !systems.includes(role))

/** They see their own record or that of somebody they care for: a second factor is theirs to choose. */
const atHome: readonly string[] = ['patient', 'caregiver']

/** Whoever works in the hospital, in any role, proves it twice. */
export const needsSecondFactor = (held: readonly string[]): boolean =>
  held.some((role) => !atHome.includes(role))

const administrators: readonly string[] = ['hospital-administrator', 'super-administrator']

export const mayAdminister = (held: readonly string[]): boolean =>
  held.some((role) => administrators.includes(role))

/** Roles that somebody may give and take: only a super administrator makes another one. */
export const grantableRoles = (held: readonly string[]): readonly Role[] => {
  if (held.includes('super-administrator')) return personRoles
  return mayAdminister(held) ? personRoles.filter((role) => role !== 'super-administrator') : []
}

const minute = 60_000
const hour = 60 * minute

/** ms */
export const lifetimes = {
  confirm: 24 * hour,
  invite: 72 * hour,
  reset: 1 * hour,
  first: 24 * hour,
  /** Between password and second factor. */
  step: 10 * minute,
  session: 10 * hour,
} as const

/** Failures of one person, and requests of one address; counted before they are judged. */
export const attemptLimits = {
  signIn: { most: 10, within: 15 * minute },
  address: { most: 100, within: 15 * minute },
  factor: { most: 6, within: 15 * minute },
  mail: { most: 5, within: hour },
  addressMail: { most: 30, within: hour },
} as const
