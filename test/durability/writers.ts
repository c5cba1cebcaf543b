/** Clients that create, update, delete and commit transactions until they are told to stop, and keep a ledger. */
import { type Answer, ask } from './client.ts'
import type { Attempt, Ledger, Version } from './ledger.ts'

type Content = { readonly resourceType: 'Patient'; readonly id?: string; readonly identifier: object[] }

const patient = (marker: string, id?: string): Content => ({
  resourceType: 'Patient',
  ...(id === undefined ? {} : { id }),
  identifier: [{ system: 'urn:durability', value: marker }],
})

/** `undefined` when no answer came or the server said that it cannot at the moment. */
const send = async (url: string, method: string, body?: unknown): Promise<Answer | undefined> => {
  const answer = await ask(url, method, body).catch(() => undefined)
  if (!answer || answer.status >= 500) return undefined
  if (answer.status >= 400) throw new Refused(`${method} ${url}: ${answer.status} ${answer.text}`)
  return answer
}

/** The server refused what is right: a bug, not the crash that is tested. */
class Refused extends Error {}

const versionIn = (etag: string | undefined): number => Number(/^W\/"(\d+)"$/.exec(etag ?? '')?.[1])

/** `Patient/1/_history/2`, absolute or relative. */
const locationOf = (location: string): { path: string; version: number } => {
  const [, path, version] = /([A-Za-z]+\/[^/]+)\/_history\/(\d+)$/.exec(location) ?? []
  return { path: path!, version: Number(version) }
}

/** `unique` names this writer among all of all rounds. */
export type Writer = { readonly base: string; readonly ledger: Ledger; readonly unique: string }

const create = async ({ base, ledger }: Writer, marker: string): Promise<void> => {
  const response = await send(`${base}/Patient`, 'POST', patient(marker))
  if (!response) return
  ledger.acknowledge({ ...locationOf(response.headers.location!), marker })
}

/** Settles one write: acknowledged with the version of its ETag, or in doubt. */
const settle = (ledger: Ledger, response: Answer | undefined, write: Omit<Version, 'version'>): boolean => {
  if (!response) ledger.doubt([write])
  else ledger.acknowledge({ ...write, version: versionIn(response.headers.etag) })
  return response !== undefined
}

const update = async ({ base, ledger }: Writer, id: string, marker: string): Promise<boolean> => {
  const path = `Patient/${id}`
  return settle(ledger, await send(`${base}/${path}`, 'PUT', patient(marker, id)), { path, marker })
}

const remove = async ({ base, ledger }: Writer, id: string): Promise<boolean> => {
  const path = `Patient/${id}`
  return settle(ledger, await send(`${base}/${path}`, 'DELETE'), { path, marker: null })
}

type TransactionResponse = { readonly entry: { readonly response: { readonly location: string } }[] }

const transaction = async ({ base, ledger }: Writer, stem: string, marker: string): Promise<boolean> => {
  const ids = ['a', 'b', 'c'].map((letter) => `${stem}-${letter}`)
  const attempt: Attempt = ids.map((id) => ({ path: `Patient/${id}`, marker }))
  const response = await send(base, 'POST', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      ...ids.map((id) => ({
        resource: patient(marker, id),
        request: { method: 'PUT', url: `Patient/${id}` },
      })),
      { resource: patient(marker), request: { method: 'POST', url: 'Patient' } },
    ],
  })
  if (!response) {
    ledger.doubt(attempt)
    return false
  }
  const { entry } = JSON.parse(response.text) as TransactionResponse
  ledger.acknowledge(...entry.map((e) => ({ ...locationOf(e.response.location), marker })))
  return true
}

/**
 * Writes until `signal` aborts. After a write in doubt the names change, so that each doubt stays the last write of
 * its resource; the writer goes on against a server that comes back.
 */
export const write = async (writer: Writer, signal: AbortSignal): Promise<void> => {
  let era = 0
  for (let n = 0; !signal.aborted; n++) {
    const marker = `${writer.unique}-${n}`
    const stem = `${writer.unique}-${era}`
    const sure = [
      () => create(writer, marker).then(() => true),
      () => update(writer, `${stem}-u`, marker),
      () => transaction(writer, `${stem}-t`, marker),
      () => update(writer, `${stem}-u`, `${marker}-again`),
      () => (n % 3 === 0 ? remove(writer, `${stem}-u`) : update(writer, `${stem}-v`, marker)),
    ][n % 5]!
    if (await sure()) continue
    era++
    await new Promise((done) => setTimeout(done, 5))
  }
}
