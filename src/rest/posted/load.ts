/** Reads what has changed of a tenant's definitions and makes the next state of it. */
import type { SearchParameter } from 'fhir/r4.js'
import type { Canonicals } from '../../fhir/definitions/canonicals.ts'
import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/model.ts'
import { type Posted, postedCanonicals } from '../../fhir/definitions/posted.ts'
import type { Search } from '../../search/index.ts'
import type { DefinitionSource, PostedDefinition, Store } from '../../store/index.ts'
import type { PostedState } from './model.ts'
import { type ActiveParameter, inEffect } from './parameters.ts'

export type PostedRooms = {
  readonly definitions: Definitions
  readonly canonicals: Canonicals
  readonly search: Search
  readonly store: Store
  readonly source: DefinitionSource
}

type One = { readonly definition: Posted; readonly since?: string }

/** A state with what it was made of, by `Type/key`. */
export type Loaded = {
  readonly state: PostedState
  readonly all: ReadonlyMap<string, One>
  /** Of the parameters in effect. */
  readonly limits: string
}

/** A CodeSystem whose text is longer keeps its concepts in the database only. */
const largest = 1_000_000

const read = (content: string): Posted => {
  const definition = JSON.parse(content) as Posted
  if (definition.resourceType !== 'CodeSystem' || content.length <= largest) return definition
  const { concept: _concept, ...head } = definition
  return { ...head, content: 'not-present' }
}

const apply = (all: Map<string, One>, changed: readonly PostedDefinition[]): void => {
  for (const { type, key, content, since } of changed) {
    if (content === undefined) all.delete(`${type}/${key}`)
    else all.set(`${type}/${key}`, { definition: read(content), ...(since === undefined ? {} : { since }) })
  }
}

const activeParameters = (all: Iterable<One>): ActiveParameter[] =>
  [...all].flatMap(({ definition, since }) =>
    since === undefined ? [] : [{ definition: definition as SearchParameter, since }],
  )

/** What a definition promises beyond what can be done is refused when it is written, and does no harm afterwards. */
const isSearchable = (search: Search, type: string, one: SearchParameterDefinition): boolean => {
  const element = search.judge(type, one)?.element
  return element !== 'expression' && element !== 'component'
}

/** The next state; the same object when nothing has changed. */
export const loadNext = async (
  rooms: PostedRooms,
  tenant: number,
  before: Loaded | undefined,
): Promise<Loaded> => {
  const all = new Map(before?.all)
  const now = await rooms.source.changes(tenant, before?.state.generation ?? '0', (page) => apply(all, page))
  if (before && before.state.generation === now.generation) return before
  const canonicals = postedCanonicals(
    rooms.canonicals,
    [...all.values()].map(({ definition }) => definition),
    rooms.canonicals.generation + Number(now.generation),
  )
  const head = { tenant, generation: now.generation, canonicals, known: now.parameters }
  const active = activeParameters(all.values())
  const parameters = inEffect(rooms.definitions, active)
  // The database counts a generation of search parameters by what their rows are made of; limits are not of it.
  const limits = JSON.stringify(parameters.map((one) => one.limits ?? null))
  if (before && before.state.known === now.parameters && before.limits === limits)
    return { ...before, all, state: { ...before.state, ...head } }
  const ids = new Map(active.map(({ definition, since }) => [since, definition.id ?? '']))
  const sources = new Map(
    parameters.map(({ edition = '' }) => [edition, ids.get(edition.split('.')[0] ?? '') ?? '']),
  )
  const search = parameters.length === 0 ? rooms.search : rooms.search.withParameters(parameters)
  const usable = parameters.filter((one) => one.base.every((type) => isSearchable(search, type, one)))
  return {
    all,
    limits,
    state: { ...head, parameters: usable, sources, search, store: rooms.store.knowing(now.parameters) },
  }
}
