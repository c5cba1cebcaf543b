/** Passkeys as second factor: https://www.w3.org/TR/webauthn-3/ */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { advanceFactor, type Factor, factorsOf, keepFactor } from '../../store/account-factors.ts'
import { type Session, setChallenge } from '../../store/account-sessions.ts'
import { type AccountWithPassword, accountReader } from '../../store/accounts.ts'
import { forgetAttempts } from '../../store/attempts.ts'
import type { PeopleDeps, Refused, Site } from './deps.ts'
import { attemptSubject, refuseTooMany } from './limits.ts'
import { complete, type Opened } from './sign-in.ts'

type Answer = Parameters<typeof verifyAuthenticationResponse>[0]['response']
type NewKey = Parameters<typeof verifyRegistrationResponse>[0]['response']
type Transports = NonNullable<NewKey['response']['transports']>

const passkeysOf = async ({ database }: PeopleDeps, { tenant }: Site, account: string): Promise<Factor[]> =>
  (await factorsOf(database, tenant, account)).filter((factor) => factor.kind === 'passkey')

/** EdDSA, ES256, RS256: https://www.iana.org/assignments/cose#algorithms */
const supportedAlgorithmIDs = [-8, -7, -257]

const hostOf = ({ origin }: Site): string => new URL(origin).hostname

const named = ({ id, transports }: Factor) => ({ id, transports: [...transports] as Transports })

/** What the browser is asked for a new passkey, as JSON; the session keeps the challenge. */
export const askForNewPasskey = async (
  deps: PeopleDeps,
  site: Site,
  session: Session,
  token: string,
): Promise<string> => {
  const account = await accountReader(deps.database).find(site.tenant, session.account)
  const { id = '', email = '', display = '' }: Partial<AccountWithPassword> = account ?? {}
  const options = await generateRegistrationOptions({
    rpName: 'Lamplight',
    rpID: hostOf(site),
    userID: new Uint8Array(Buffer.from(id)),
    userName: email,
    userDisplayName: display,
    excludeCredentials: (await passkeysOf(deps, site, id)).map(named),
    supportedAlgorithmIDs,
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
  })
  await setChallenge(deps.database, site.tenant, token, options.challenge)
  return JSON.stringify(options)
}

/** Keeps the passkey that the browser made. */
export const addPasskey = async (
  deps: PeopleDeps,
  site: Site,
  session: Session,
  token: string,
  answer: string,
): Promise<Refused | undefined> => {
  const refused: Refused = { wrong: 'passkey' }
  const response = parse<NewKey>(answer)
  if (session.challenge === null || response === undefined) return refused
  await setChallenge(deps.database, site.tenant, token, null)
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: session.challenge,
    expectedOrigin: site.origin,
    expectedRPID: hostOf(site),
    supportedAlgorithmIDs,
    requireUserVerification: false,
  }).catch(() => undefined)
  if (!verified?.verified) return refused
  const { id, publicKey, counter, transports = [] } = verified.registrationInfo.credential
  const label = new Date(site.at).toISOString().slice(0, 10)
  const factor = { id, kind: 'passkey', label, secret: null, publicKey: Buffer.from(publicKey) } as const
  const { tenant, at, address } = site
  const { account } = session
  await keepFactor(deps.database, tenant, account, { ...factor, counter, transports, confirmed: true }, at)
  await deps.record({ kind: 'factor-added', tenant, account, by: account, at, address })
  return undefined
}

/** What the browser is asked to prove one of the account's passkeys; undefined when it has none. */
export const askForPasskey = async (
  deps: PeopleDeps,
  site: Site,
  session: Session,
  token: string,
): Promise<string | undefined> => {
  const known = await passkeysOf(deps, site, session.account)
  if (known.length === 0) return undefined
  const options = await generateAuthenticationOptions({
    rpID: hostOf(site),
    allowCredentials: known.map(named),
    userVerification: 'preferred',
  })
  await setChallenge(deps.database, site.tenant, token, options.challenge)
  return JSON.stringify(options)
}

/** Completes the sign-in; a challenge is good for one answer. */
export const confirmPasskey = async (
  deps: PeopleDeps,
  site: Site,
  session: Session,
  token: string,
  answer: string,
): Promise<Refused | Opened> => {
  const refused: Refused = { wrong: 'passkey', status: 401 }
  const { account, challenge } = session
  const tooMany = await refuseTooMany(deps, site, ['factor', account])
  if (tooMany) return tooMany
  const response = parse<Answer>(answer)
  if (challenge === null || response === undefined) return refused
  await setChallenge(deps.database, site.tenant, token, null)
  const known = (await passkeysOf(deps, site, account)).find(({ id }) => id === response.id)
  const isRight = known !== undefined && (await proves(deps, site, account, known, challenge, response))
  if (!isRight) {
    const { tenant, at, address } = site
    await deps.record({ kind: 'sign-in-refused', tenant, account, at, address })
    return refused
  }
  await forgetAttempts(deps.database, site.tenant, attemptSubject(['factor', account]))
  return await complete(deps, site, { ...session, methods: ['pwd', 'hwk', 'mfa'] }, token)
}

/** The counter must go forward, where the authenticator counts: a copy of it would fall behind. */
const proves = async (
  { database }: PeopleDeps,
  site: Site,
  account: string,
  { id, publicKey, counter }: Factor,
  challenge: string,
  response: Answer,
): Promise<boolean> => {
  const key = new Uint8Array(publicKey ?? [])
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: hostOf(site),
    credential: { id, publicKey: key, counter },
    requireUserVerification: false,
  }).catch(() => undefined)
  if (!verified?.verified) return false
  return await advanceFactor(
    database,
    site.tenant,
    account,
    id,
    verified.authenticationInfo.newCounter,
    site.at,
  )
}

const parse = <T>(text: string): T | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as T) : undefined
  } catch {
    return undefined
  }
}
