/** How codes are named that a search means without saying them: http://hl7.org/fhir/R4/search.html#token */

/** Those of a value set (a canonical, or `ValueSet/[id]`), or those above or below a code. */
export type NamedCodes =
  | { readonly valueSet: string }
  | { readonly system: string; readonly code: string; readonly side: 'above' | 'below' }

/** What `PlanOptions.valueSets` has them by; a URL has no space. */
export const codesKey = (named: NamedCodes): string =>
  'valueSet' in named ? named.valueSet : `${named.side} ${named.system}|${named.code}`
