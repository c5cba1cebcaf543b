/** `:above` and `:below` of references that make a hierarchy. http://hl7.org/fhir/R4/search.html#recursive */
import { isId } from '../../base/id.ts'
import { issue } from '../../base/issue.ts'
import { lineage } from '../algebra.ts'
import { unescapeValue } from '../values.ts'
import { relativeLink } from './reference.ts'
import type { Restriction } from './token.ts'

/**
 * `:below` finds what refers to one of the resources, whatever refers to those, and so on; `:above` what one of the
 * resources refers to, and so on. The resources themselves are found only where a circle leads back to them.
 */
export const restrictLineage = (
  parameter: {
    readonly code: string
    readonly prefix: string
    readonly type: string
    readonly base: string
  },
  values: readonly string[],
  direction: 'above' | 'below',
): Restriction => {
  const { code, prefix, type, base } = parameter
  const ids: string[] = []
  for (const value of values) {
    const id = relativeLink(unescapeValue(value), base).replace(new RegExp(`^${type}/`), '')
    if (!isId(id))
      return {
        issue: issue(
          'value',
          `"${code}:${direction}" needs a ${type} of this server: [id] or ${type}/[id].`,
          `http.${code}`,
        ),
      }
    ids.push(id)
  }
  return { condition: lineage({ direction, prefix: `${prefix}${type}/`, type, ids }), locks: [] }
}
