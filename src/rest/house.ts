/** What every interaction works with. Made once by compose.ts. */
import type { Ctx } from '../access/ctx.ts'
import type { Recording } from '../access/happening.ts'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import type { Expansion } from '../fhir/definitions/value-set.ts'
import type { Search } from '../search/index.ts'
import type { ResourceKey, Store, Tenants } from '../store/index.ts'
import type { ConceptSource } from '../terminology/concept-source.ts'
import type { Terminology } from '../terminology/index.ts'
import type { Structure } from '../validation/structure.ts'
import type { Deriver } from './deriver.ts'
import type { Callers } from './guard/callers.ts'
import type { Keeper } from './keeper.ts'
import type { Operation } from './operation.ts'
import type { PostedDefinitions } from './posted/model.ts'
import type { Validity } from './validity.ts'

export type RestOptions = {
  /** Whether `PUT Type/id` may make a resource that is not there: http://hl7.org/fhir/R4/http.html#upsert */
  readonly updateAsCreate: boolean
  /** Entries that one batch or transaction may have. */
  readonly maxEntries: number
  /** Page size when the client does not say, and the largest that it may ask for. */
  readonly defaultCount: number
  readonly maxCount: number
  /** Resources that come along with the matches of a page at most. */
  readonly maxIncludes: number
  /** Bytes of the resources of a page; a single resource may be larger. */
  readonly maxPageBytes: number
  /** What a search that no index leads may cost, in the planner's units. */
  readonly maxCost: number
  /** Deepest nesting of JSON. */
  readonly maxDepth: number
}

/** The codes of a value set by system, or a sentence that says why they cannot be told: unknown, or too many. */
type Expand = (ctx: Ctx, valueSet: string) => Promise<Expansion | string>

export type House = {
  /** Of this software. */
  readonly version: string
  readonly definitions: Definitions
  readonly structure: Structure
  readonly search: Search
  readonly store: Store
  readonly options: RestOptions
  readonly operations: readonly Operation[]
  /** The hospitals; without it the operations on them are refused. */
  readonly tenants?: Tenants | undefined
  /** Who answers for types that are not kept as the others are, by type. */
  readonly keepers?: ReadonlyMap<string, Keeper> | undefined
  /** Who knows of resources that are not stored, by type. */
  readonly derivers?: ReadonlyMap<string, Deriver> | undefined
  /** Where everything goes that happens; without it nothing goes on record. */
  readonly recording?: Recording | undefined
  /** Concepts in the database; without it those of definitions are all. */
  readonly concepts?: ConceptSource | undefined
  /** How content is judged beyond its structure; without it only the structure is. */
  readonly validity?: Validity | undefined
  /** Answers questions about codes; without it the operations on them are refused. */
  readonly terminology?: Terminology | undefined
  /** What searches take for the codes of value sets; without it those of the definitions are known. */
  readonly expand?: Expand
  /** What others may do, for operations that tell or change it. */
  readonly callers?: Callers | undefined
  /** In a house that is restricted for a caller, the one that is not: for operations that answer for it themselves. */
  readonly whole?: House
  /** Every token that a reference to the resource may have been written as. */
  readonly referrerTokens: (key: ResourceKey) => string[]
  /**
   * Text of the CapabilityStatement: http://hl7.org/fhir/R4/http.html#capabilities. `without` are search
   * parameters (`Type:code`) that are not ready yet.
   */
  readonly capabilities: (base: string, without?: readonly string[]) => string
  /** The same for a tenant with search parameters of its own. */
  readonly claims: (search: Search) => House['capabilities']
  /** What users posted; `search` and `store` are those of the tenant that a request is for. */
  readonly posted: PostedDefinitions
  /** Definitions by canonical URL, as they hold for a tenant: posted ones before those of packages. */
  readonly canonicals: (tenant: number) => Canonicals
}
