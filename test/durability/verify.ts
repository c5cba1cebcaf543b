/** Compares what the server has with what it acknowledged. */
import { ask } from './client.ts'
import type { Attempt, Ledger, Version } from './ledger.ts'

type Found = { readonly version: number | undefined; readonly marker: string | null }
type Body = {
  readonly meta?: { readonly versionId: string }
  readonly identifier?: { readonly value: string }[]
}

const nothing: Found = { version: 0, marker: null }

/** 404 is version 0; of a deleted resource the version is in the ETag, if anywhere. */
const get = async (url: string): Promise<Found> => {
  const { status, text } = await ask(url)
  if (status === 404) return nothing
  if (status === 410) return { version: undefined, marker: null }
  if (status !== 200) throw new Error(`GET ${url}: ${status} ${text}`)
  const body = JSON.parse(text) as Body
  return { version: Number(body.meta?.versionId), marker: body.identifier?.[0]?.value ?? null }
}

const isThe = (found: Found, { version, marker }: Version): boolean =>
  found !== nothing &&
  found.marker === marker &&
  (found.version === version || (marker === null && found.version === undefined))

const show = (found: Found): string =>
  found === nothing ? 'nothing' : `version ${found.version ?? '?'} ${found.marker ?? 'deleted'}`

const checkVersion = async (base: string, v: Version): Promise<string[]> => {
  const found = await get(`${base}/${v.path}/_history/${v.version}`)
  return isThe(found, v)
    ? []
    : [`${v.path}/_history/${v.version} was ${v.marker ?? 'deleted'}, is ${show(found)}`]
}

const checkCurrent = async (base: string, v: Version): Promise<string[]> => {
  const found = await get(`${base}/${v.path}`)
  return isThe(found, v)
    ? []
    : [`${v.path} was version ${v.version} ${v.marker ?? 'deleted'}, is ${show(found)}`]
}

/** Each write of an attempt happened exactly once or not at all, and all agree. */
const checkAttempt = async (base: string, ledger: Ledger, attempt: Attempt): Promise<string[]> => {
  const happened: boolean[] = []
  for (const { path, marker } of attempt) {
    const before = ledger.last(path) ?? { path, version: 0, marker: null }
    const found = await get(`${base}/${path}`)
    const isBefore = before.version === 0 ? found === nothing : isThe(found, before)
    const isAfter = isThe(found, { path, version: before.version + 1, marker })
    if (!isBefore && !isAfter)
      return [`${path} was version ${before.version}, then in doubt, is ${show(found)}`]
    happened.push(!isBefore)
  }
  return new Set(happened).size === 1
    ? []
    : [`a transaction happened in part: ${attempt.map((a) => a.path).join(', ')}`]
}

/** Runs the checks eight at a time. */
const inParallel = async (checks: (() => Promise<string[]>)[]): Promise<string[]> => {
  const faults: string[] = []
  const queue = checks.values()
  const work = async (): Promise<void> => {
    for (const check of queue) faults.push(...(await check()))
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return faults
}

/** What is wrong with the given versions and attempts, as sentences. */
export const verify = async (
  base: string,
  ledger: Ledger,
  versions: readonly Version[],
  attempts: readonly Attempt[],
): Promise<string[]> => {
  const inDoubt = new Set(ledger.doubts.flat().map(({ path }) => path))
  const current = new Map(versions.map((v) => [v.path, ledger.last(v.path)!]))
  return await inParallel([
    ...versions.map((v) => () => checkVersion(base, v)),
    ...[...current.values()].filter((v) => !inDoubt.has(v.path)).map((v) => () => checkCurrent(base, v)),
    ...attempts.map((attempt) => () => checkAttempt(base, ledger, attempt)),
  ])
}
