/** The codes of a value set one after the other, wherever they are, filtered and without duplicates. */

import { issue } from '../base/issue.ts'
import { Problem, tooCostly } from '../base/problem.ts'
import type { Absent, Composition, Part } from './composition.ts'
import type { ConceptFilter, ConceptSource, StoredConcept } from './concept-source.ts'
import { contains, inPart, selectionsOf, type Verdict } from './contains.ts'
import { type Entry, enumerate, keyOf } from './enumerate.ts'
import { createFacts, type Facts } from './facts.ts'
import type { MissingSystem, StoredSystem, System } from './system.ts'
import { textsOf } from './texts.ts'
import { hasWords } from './words.ts'

/** What is wanted of a value set beside its definition. */
export type Selection = {
  readonly words: readonly string[]
  readonly activeOnly: boolean
  readonly skipAbstract: boolean
  /** URLs of systems whose codes are left out. */
  readonly skipSystems: ReadonlySet<string>
  readonly offset: number
  readonly limit: number
}

/** `total` is absent when not everything was looked at. */
export type Selected = { readonly entries: readonly Entry[]; readonly total?: number }

/** Concepts of the database that one expansion looks at, at most. */
const most = 100_000
const page = 2000

/** Throws a `Problem` when something is not here, cannot be listed or is too much. */
export const select = async (
  composition: Composition,
  source: ConceptSource | undefined,
  wanted: Selection,
): Promise<Selected> => {
  const all = enumerate(composition)
  if (all)
    return cut(
      all.filter((entry) => isWanted(entry, wanted)),
      wanted,
    )
  const single = singleStored(composition, wanted)
  if (single && source) return await fromOne(source, single, wanted, composition)
  const found: Entry[] = []
  const seen = new Set<string>()
  for await (const entry of entriesOf(composition, { source, facts: createFacts(), wanted, looked: 0 })) {
    const key = keyOf(entry)
    if (seen.has(key)) continue
    seen.add(key)
    found.push(entry)
    if (found.length > wanted.offset + wanted.limit) return { entries: found.slice(wanted.offset, -1) }
  }
  return cut(found, wanted)
}

const cut = (all: readonly Entry[], { offset, limit }: Selection): Selected => ({
  entries: all.slice(offset, offset + limit),
  total: all.length,
})

const isWanted = (entry: Entry, { words, activeOnly, skipAbstract, skipSystems }: Selection): boolean =>
  !(activeOnly && entry.concept?.inactive) &&
  !(skipAbstract && entry.concept?.abstract) &&
  !skipSystems.has(entry.system.url) &&
  (words.length === 0 || hasWords(words, [...textsOf(entry), entry.code]))

type Run = {
  readonly source: ConceptSource | undefined
  readonly facts: Facts
  readonly wanted: Selection
  looked: number
}

/** A value set that is one selection of one system of the database: the database does everything. */
const singleStored = (
  { include, exclude, inactive }: Composition,
  wanted: Selection,
): (Part & { readonly system: StoredSystem }) | undefined => {
  const [part] = include
  const isSingle = include.length === 1 && exclude.length === 0 && part?.valueSets.length === 0
  if (
    !isSingle ||
    !part.filters.every(isPushed) ||
    inactive === false ||
    wanted.skipSystems.size > 0 ||
    part.listed
  )
    return undefined
  return part.system?.kind === 'stored' ? { ...part, system: part.system } : undefined
}

/** Whether the database can judge a filter itself; the others are judged concept by concept. */
const isPushed = ({ property, op }: ConceptFilter): boolean =>
  op !== 'regex' && property !== 'display' && property !== 'definition'

const fromOne = async (
  source: ConceptSource,
  { system, filters }: Part & { readonly system: StoredSystem },
  wanted: Selection,
  { url }: Composition,
): Promise<Selected> => {
  if (wanted.offset > most)
    throw tooCostly(
      `Pages of ${url} end at offset ${most}; use filter to find what you look for.`,
      'http.offset',
    )
  const { concepts, total } = await source.select({ system, filters, ...wanted, counted: true })
  const entries = concepts.map((concept): Entry => ({ system, code: concept.code, concept }))
  return { entries, ...(total === undefined ? {} : { total }) }
}

async function* entriesOf(composition: Composition | Absent, run: Run): AsyncGenerator<Entry> {
  if (composition.kind === 'absent') throw unanswerable(composition.reason)
  for (const part of composition.include)
    for await (const batch of batchesOf(part, run)) {
      const wanted = batch.filter((entry) => isWanted(entry, run.wanted))
      const inactive = composition.inactive === false
      const kept = await keep(wanted, run, (entry) => {
        const { url } = entry.system
        if (inactive && entry.concept?.inactive) return 'no'
        for (const valueSet of part.system ? part.valueSets : part.valueSets.slice(1)) {
          const verdict = contains(valueSet, url, entry.code, run.facts)
          if (verdict.result !== 'yes') return verdict.result === 'unknown' ? verdict.reason : verdict.result
        }
        for (const one of composition.exclude) {
          const verdict = inPart(one, url, entry.code, run.facts)
          if (verdict.result === 'yes') return 'no'
          if (verdict.result !== 'no') return verdict.result === 'unknown' ? verdict.reason : 'ask'
        }
        return 'yes'
      })
      yield* kept
    }
}

/** Fetches until the test needs nothing more. */
const keep = async (
  entries: readonly Entry[],
  { facts, source }: Run,
  test: (entry: Entry) => string,
): Promise<readonly Entry[]> => {
  for (;;) {
    const verdicts = entries.map(test)
    const unknown = verdicts.find((one) => one !== 'yes' && one !== 'no' && one !== 'ask')
    if (unknown !== undefined) throw unanswerable(unknown)
    if (!verdicts.includes('ask')) return entries.filter((_, index) => verdicts[index] === 'yes')
    if (!source || !(await facts.fetch(source))) throw unanswerable('The database of concepts is not there.')
  }
}

async function* batchesOf(part: Part, run: Run): AsyncGenerator<readonly Entry[]> {
  const { system } = part
  if (system) {
    yield* ofSystem(part, system, run)
    return
  }
  const [first] = part.valueSets
  if (first?.kind === 'absent') throw unanswerable(first.reason)
  const all = first && enumerate(first)
  if (all) yield all
  else if (first) {
    let batch: Entry[] = []
    for await (const entry of entriesOf(first, run)) {
      batch.push(entry)
      if (batch.length < page) continue
      yield batch
      batch = []
    }
    yield batch
  }
}

async function* ofSystem(
  part: Part,
  system: System | MissingSystem,
  run: Run,
): AsyncGenerator<readonly Entry[]> {
  const { listed, filters } = part
  if (system.kind === 'stored') {
    if (!run.source) throw unanswerable('The database of concepts is not there.')
    yield* listed && filters.length === 0
      ? listedInStored(part, system, run.source)
      : pagesOf(part, system, run, run.source)
    return
  }
  const named = enumerate({
    kind: 'composition',
    url: '',
    include: [{ ...part, valueSets: [] }],
    exclude: [],
  })
  if (named) {
    yield named
    return
  }
  if (system.kind === 'missing') throw unanswerable(system.reason)
  if (system.kind === 'grammar')
    throw tooCostly(
      `The codes of ${system.name} are made by a grammar and cannot be listed; use $validate-code, or a value set that names the codes.`,
    )
  const wrong = selectionsOf(part, system).find((one) => typeof one === 'string')
  throw unanswerable(
    typeof wrong === 'string'
      ? wrong
      : `Only a part of the code system ${system.url} is here; not all of its codes can be listed.`,
  )
}

/** In the order of the list; what the database knows of each comes along. */
async function* listedInStored(
  { listed }: Part,
  system: StoredSystem,
  source: ConceptSource,
): AsyncGenerator<readonly Entry[]> {
  const all = [...(listed?.values() ?? [])]
  for (let start = 0; start < all.length; start += page) {
    const some = all.slice(start, start + page)
    const concepts = await source.find(some.map(({ code }) => ({ system, code })))
    yield some.map((one, index) => {
      const concept = concepts[index]
      return { system, code: one.code, listed: one, ...(concept ? { concept } : {}) }
    })
  }
}

async function* pagesOf(
  { listed, filters }: Part,
  system: StoredSystem,
  run: Run,
  source: ConceptSource,
): AsyncGenerator<readonly Entry[]> {
  const { words, activeOnly, skipAbstract } = run.wanted
  const own: Part = { system, filters: filters.filter((filter) => !isPushed(filter)), valueSets: [] }
  const query = {
    ...{
      system,
      filters: filters.filter(isPushed),
      words,
      activeOnly,
      skipAbstract,
      offset: 0,
      limit: page,
      counted: false,
    },
    ...(listed ? { codes: [...listed.keys()] } : {}),
  }
  let after: number | undefined
  for (;;) {
    const { concepts } = await source.select(after === undefined ? query : { ...query, after })
    const entries = concepts.map((concept: StoredConcept) => ({ system, code: concept.code, concept }))
    run.facts.learn(system, concepts)
    yield own.filters.length === 0
      ? entries
      : await keep(entries, run, ({ code }) => worded(inPart(own, system.url, code, run.facts)))
    after = concepts.at(-1)?.number
    run.looked += concepts.length
    if (concepts.length < page) return
    if (run.looked >= most)
      throw tooCostly(
        `To expand it, more than ${most} concepts of ${system.url} must be looked at; use filter, or a narrower value set.`,
      )
  }
}

const worded = (verdict: Verdict): string => (verdict.result === 'unknown' ? verdict.reason : verdict.result)

const unanswerable = (reason: string): Problem => new Problem(422, [issue('not-found', reason)])
