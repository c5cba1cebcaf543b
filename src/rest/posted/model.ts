/** What holds for one tenant because of the definitions that its users posted. */
import type { Canonicals } from '../../fhir/definitions/canonicals.ts'
import type { SearchParameterDefinition } from '../../fhir/definitions/model.ts'
import type { Search } from '../../search/index.ts'
import type { BuildState, Store } from '../../store/index.ts'

/** Immutable: a change of the definitions makes another one. */
export type PostedState = {
  readonly tenant: number
  /** Of all definitions, and of the search parameters among them. */
  readonly generation: string
  readonly known: string
  readonly canonicals: Canonicals
  /** Those in effect. */
  readonly parameters: readonly SearchParameterDefinition[]
  /** Ids of the resources that these are, by edition. */
  readonly sources: ReadonlyMap<string, string>
  readonly search: Search
  /** Refuses index rows that were made by other search parameters than these. */
  readonly store: Store
}

/** The tenants' definitions in this process. */
export type PostedDefinitions = {
  /** As this process knows them; they are read when a tenant is first met. */
  of(tenant: number): PostedState | Promise<PostedState>
  /** Of a tenant that was met before. */
  loaded(tenant: number): PostedState | undefined
  /** As the database has them now. */
  refresh(tenant: number): Promise<PostedState>
  /**
   * The same, and asks for the index rows of search parameters that are new by then. Not for whoever builds such rows:
   * it would wait for itself.
   */
  learn(tenant: number): Promise<void>
  /** Refreshes whatever has changed unnoticed. */
  catchUp(): Promise<void>
  /** Which of these editions of search parameters are not ready, with how far they are where that is known. */
  unready(
    tenant: number,
    editions: readonly string[],
  ): Promise<readonly { readonly edition: string; readonly build?: BuildState }[]>
}
