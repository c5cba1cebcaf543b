/** Second step of a sign-in, and how it is set up: codes of an authenticator app, recovery codes. */
import { randomBytes } from 'node:crypto'
import {
  advanceFactor,
  type Factor,
  factorsOf,
  keepFactor,
  keepRecoveryCodes,
  takeRecoveryCode,
} from '../../store/account-factors.ts'
import type { Session } from '../../store/account-sessions.ts'
import { forgetAttempts } from '../../store/attempts.ts'
import type { PeopleDeps, Refused, Site } from './deps.ts'
import { attemptSubject, refuseTooMany } from './limits.ts'
import { complete, type Opened } from './sign-in.ts'
import { matchTotp, newTotpSecret } from './totp.ts'

const totpId = 'totp'

const place = (account: string): string => `account/${account}/totp`

const totpOf = async ({ database }: PeopleDeps, { tenant }: Site, account: string) =>
  (await factorsOf(database, tenant, account)).find((factor) => factor.kind === 'totp')

const secretOf = ({ sealer }: PeopleDeps, account: string, { secret }: Factor): string =>
  sealer.open(secret ?? '', place(account))

/** Checks a code and uses its time step up: seen over a shoulder, it is worth nothing. */
const useCode = async (
  deps: PeopleDeps,
  site: Site,
  account: string,
  factor: Factor,
  code: string,
): Promise<boolean> => {
  const step = matchTotp(secretOf(deps, account, factor), code, site.at)
  if (step === undefined) return false
  return await advanceFactor(deps.database, site.tenant, account, factor.id, step, site.at)
}

/** `code` of the app, or a recovery code when it is empty. */
export const confirmCode = async (
  deps: PeopleDeps,
  site: Site,
  session: Session,
  token: string,
  asked: { readonly code: string; readonly recovery: string },
): Promise<Refused | Opened> => {
  const { account } = session
  const tooMany = await refuseTooMany(deps, site, ['factor', account])
  if (tooMany) return tooMany
  const isRecovery = asked.code.trim() === ''
  const factor = isRecovery ? undefined : await totpOf(deps, site, account)
  const isRight = isRecovery
    ? await takeRecoveryCode(deps.database, site.tenant, account, plainCode(asked.recovery))
    : factor?.confirmed === true && (await useCode(deps, site, account, factor, asked.code))
  if (!isRight) {
    const { tenant, at, address } = site
    await deps.record({ kind: 'sign-in-refused', tenant, account, at, address })
    return { wrong: isRecovery ? 'recoveryCode' : 'code', status: 401 }
  }
  await forgetAttempts(deps.database, site.tenant, attemptSubject(['factor', account]))
  return await complete(deps, site, { ...session, methods: ['pwd', 'otp', 'mfa'] }, token)
}

/** The secret of an app that is being set up; the same until it is confirmed. Undefined when one is confirmed. */
export const beginTotp = async (
  deps: PeopleDeps,
  site: Site,
  account: string,
): Promise<string | undefined> => {
  const begun = await totpOf(deps, site, account)
  if (begun) return begun.confirmed ? undefined : secretOf(deps, account, begun)
  const secret = newTotpSecret()
  const sealed = deps.sealer.seal(secret, place(account))
  const factor = { id: totpId, kind: 'totp', label: '', secret: sealed, publicKey: null } as const
  const rest = { counter: 0, transports: [], confirmed: false }
  await keepFactor(deps.database, site.tenant, account, { ...factor, ...rest }, site.at)
  // Somebody else may have begun at the same time: what is kept counts.
  const kept = await totpOf(deps, site, account)
  return kept && secretOf(deps, account, kept)
}

/** True when the code proves that the app has the secret. */
export const finishTotp = async (
  deps: PeopleDeps,
  site: Site,
  account: string,
  code: string,
): Promise<Refused | undefined> => {
  const tooMany = await refuseTooMany(deps, site, ['factor', account])
  if (tooMany) return tooMany
  const factor = await totpOf(deps, site, account)
  const isRight =
    factor !== undefined && !factor.confirmed && (await useCode(deps, site, account, factor, code))
  if (!isRight) return { wrong: 'code' }
  const { tenant, at, address } = site
  await forgetAttempts(deps.database, tenant, attemptSubject(['factor', account]))
  await deps.record({ kind: 'factor-added', tenant, account, by: account, at, address })
  return undefined
}

const letters = '23456789abcdefghjkmnpqrstuvwxyz'

const newCode = (): string => [...randomBytes(12)].map((byte) => letters[byte % letters.length]).join('')

const plainCode = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** Ten codes of 58 bits, shown once; those before no longer work. */
export const newRecoveryCodes = async (
  { database }: PeopleDeps,
  { tenant }: Site,
  account: string,
): Promise<readonly string[]> => {
  const codes = Array.from({ length: 10 }, newCode)
  await database.transact((tx) => keepRecoveryCodes(tx, tenant, account, codes))
  return codes.map((code) => code.replace(/(.{4})(.{4})(.{4})/, '$1-$2-$3'))
}
