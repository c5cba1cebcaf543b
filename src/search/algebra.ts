/** What a search asks of a resource's index rows: inert nodes that condition-sql.ts and memory.ts read. http://hl7.org/fhir/R4/search.html */

/** What is written beside a resource so that searches find it. */
export type IndexRows = {
  /** Token texts as params/token.ts and params/reference.ts write them, each once. */
  readonly tokens: readonly string[]
  readonly strings: readonly StringRow[]
  /** The value of the type's primary date, which stands in the resource's own row; see primary-date.ts. */
  readonly date?: DateRow
  /** All other dates. */
  readonly dates: readonly DateRow[]
  readonly quantities: readonly QuantityRow[]
}

/** `parameter` is `Type.code` in every kind of row. `folded` is what `fold` of params/string.ts makes of `exact`. */
export type StringRow = { readonly parameter: string; readonly folded: string; readonly exact: string }

/** Milliseconds since 1970: `low <= t < high`, within `earliest` and `latest` of params/date.ts. */
export type DateRow = { readonly parameter: string; readonly low: number; readonly high: number }

/** A number, a Quantity, Money or a Range: every value from `low` to `high`, both included; open ends are infinite. */
export type QuantityRow = {
  readonly parameter: string
  readonly low: number
  readonly high: number
  /** The code that the value belongs to (`Observation.code`, that of the component), and the same with its system. */
  readonly code?: string
  readonly coded?: string
  /** The same in the units of UCUM's base, where it has a UCUM unit; `system` is then the canonical unit. */
  readonly canonical?: { readonly low: number; readonly high: number }
  /** `system|code` of the unit, its code, and its human form where that is another. */
  readonly system?: string
  readonly unit?: string
  readonly name?: string
}

/** Milliseconds since 1970: `from <= t < to`; an absent end is open. */
export type Interval = { readonly from?: number; readonly to?: number }

/**
 * How many resources a token is expected to select, the fewest first: `unique` an identifier, `few` a reference,
 * `many` a coded concept, `most` a status or flag. It decides which condition of a search the database looks up.
 */
export type Rank = 'unique' | 'few' | 'many' | 'most'

/** Bounds of a stored range from `low` to `high`; each includes its end, an absent one is open. */
export type Bounds = {
  readonly lowMin?: number
  readonly lowMax?: number
  readonly highMin?: number
  readonly highMax?: number
}

/**
 * What is asked of a string row. `text` is folded; `words` wants each of its words at the
 * start of a word, `below` a uri that is `text` or lies below it.
 */
export type StringTest =
  | { readonly how: 'starts' | 'contains' | 'words' | 'equals' | 'ends'; readonly text: string }
  | { readonly how: 'exact'; readonly text: string; readonly exact: string }
  /** A uri that is `text` or lies below it. */
  | { readonly how: 'below'; readonly text: string }

/** What is asked of a quantity row; `canonical` bounds are of its canonical value. At most one form of unit is given. */
export type QuantityTest = {
  readonly bounds: Bounds
  readonly canonical?: boolean
  readonly system?: string
  readonly unit?: string
  /** The code that the value must belong to, and the same with its system. */
  readonly code?: string
  readonly coded?: string
}

/** One condition. Alternatives stand in `any`; a search holds when all of its conditions hold. */
export type Condition =
  | { readonly kind: 'tokens'; readonly any: readonly string[]; readonly rank: Rank }
  | { readonly kind: 'ids'; readonly any: readonly string[] }
  | { readonly kind: 'updated'; readonly any: readonly Interval[] }
  | { readonly kind: 'strings'; readonly parameter: string; readonly any: readonly StringTest[] }
  /** Bounds in ms since 1970 of `low` and of the excluded end `high`. */
  | {
      readonly kind: 'dates'
      readonly parameter: string
      readonly primary: boolean
      readonly any: readonly Bounds[]
    }
  /** Values of any of the parameters. */
  | {
      readonly kind: 'quantities'
      readonly parameters: readonly string[]
      readonly any: readonly QuantityTest[]
    }
  /** The parameter of this bit has a value; see presence.ts. */
  | { readonly kind: 'present'; readonly bit: number }
  /** One text of one of the parameters (`Type.code`) has all of the words; see params/text.ts. */
  | { readonly kind: 'texts'; readonly parameters: readonly string[]; readonly words: readonly Word[] }
  | Near
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'every'; readonly of: readonly Condition[] }
  | { readonly kind: 'some'; readonly of: readonly Condition[] }
  /** It is of one of these resource types. */
  | { readonly kind: 'types'; readonly any: readonly string[] }
  /** It refers by one of the links to a resource at the other end. */
  | { readonly kind: 'through'; readonly any: readonly Link[]; readonly inside?: Inside }
  /** A resource at the other end of the link refers to it. */
  | { readonly kind: 'reverse'; readonly link: Link }
  | Lineage

/**
 * A reference between two resources. `prefix` is what stands before the id in its token (`Observation.subject|Patient/`);
 * `type` and `where` tell of the resource at the end that is not being searched.
 */
export type Link = {
  readonly prefix: string
  readonly type: string
  readonly where: readonly Condition[]
}

/**
 * References between resources of one type lead to one of the resources (`below`), or from one of them to this one
 * (`above`), over any number of steps. `prefix` as in Link.
 */
export type Lineage = {
  readonly kind: 'lineage'
  readonly direction: 'above' | 'below'
  readonly prefix: string
  readonly type: string
  readonly ids: readonly string[]
  /** What each resource on the way must meet. */
  readonly where?: readonly Condition[]
}

/**
 * The same asked of contained resources, whose rows stand beside those of the resource that refers to them. Only what
 * has the token `marker` refers to any.
 */
export type Inside = { readonly marker: string; readonly where: Condition }

/** A folded word, or how one begins. */
export type Word = { readonly text: string; readonly isBeginning: boolean }

/** A position within a circle on the earth; degrees, and metres along a great circle. See params/near.ts. */
export type Near = {
  readonly kind: 'near'
  readonly latitude: number
  readonly longitude: number
  readonly metres: number
}

/** A condition that one of the tokens is among the resource's. */
export const anyToken = (any: readonly string[], rank: Rank): Condition =>
  Object.freeze({ kind: 'tokens', any: Object.freeze([...new Set(any)]), rank })

/** A condition that the logical id is one of these. */
export const anyId = (any: readonly string[]): Condition =>
  Object.freeze({ kind: 'ids', any: Object.freeze([...new Set(any)]) })

/** A condition that a parameter has a value. */
export const present = (bit: number): Condition => Object.freeze({ kind: 'present', bit })

/** A condition that another one does not hold. */
export const not = (of: Condition): Condition =>
  of.kind === 'not' ? of.of : Object.freeze({ kind: 'not', of })

/** A condition that all of these hold; of none it is always true. */
export const every = (of: readonly Condition[]): Condition => {
  const [only] = of
  return of.length === 1 && only ? only : Object.freeze({ kind: 'every', of: Object.freeze([...of]) })
}

/** A condition that one of these holds; of none it is never true. */
export const some = (of: readonly Condition[]): Condition => {
  const [only] = of
  return of.length === 1 && only ? only : Object.freeze({ kind: 'some', of: Object.freeze([...of]) })
}

/** A condition that the resource is of one of these types. */
export const ofTypes = (any: readonly string[]): Condition =>
  Object.freeze({ kind: 'types', any: Object.freeze([...any]) })

/** A condition that one of the links leads to a resource that meets the link's conditions. */
export const through = (any: readonly Link[], inside?: Inside): Condition =>
  Object.freeze({ kind: 'through', any: Object.freeze([...any]), ...(inside ? { inside } : {}) })

/** A condition that a resource that meets the link's conditions refers to this one. */
export const reverse = (link: Link): Condition => Object.freeze({ kind: 'reverse', link })

/** A condition that a hierarchy leads from or to one of the resources. */
export const lineage = (of: Omit<Lineage, 'kind'>): Condition =>
  Object.freeze({ ...of, kind: 'lineage', ids: Object.freeze([...new Set(of.ids)]) })

/** The conditions that must all hold for this one to hold, one by one. */
export const conjuncts = (condition: Condition): readonly Condition[] =>
  condition.kind === 'every' ? condition.of.flatMap(conjuncts) : [condition]

/** A condition that meta.lastUpdated is within one of the intervals. */
export const updatedWithin = (any: readonly Interval[]): Condition =>
  Object.freeze({ kind: 'updated', any: Object.freeze([...any]) })
