/** `_list`: what a List has among its entries. http://hl7.org/fhir/R4/search.html#list */
import { isId } from '../../base/id.ts'
import { issue } from '../../base/issue.ts'
import { anyId, reverse } from '../algebra.ts'
import type { Extractor } from '../extract.ts'
import { unescapeValue } from '../values.ts'
import type { Restriction } from './token.ts'

/** The condition of being an entry of one of the Lists. */
export const restrictList = (extractor: Extractor, type: string, values: readonly string[]): Restriction => {
  const ids = values.map((value) => unescapeValue(value).replace(/^List\//, ''))
  const current = ids.find((id) => id.startsWith('$'))
  if (current !== undefined)
    return {
      issue: issue(
        'not-supported',
        `The list ${JSON.stringify(current.slice(0, 64))} is none that this server keeps: give the id of a List resource.`,
        'http._list',
      ),
    }
  if (!ids.every(isId))
    return { issue: issue('value', '"_list" takes ids of List resources, such as _list=42.', 'http._list') }
  const item = extractor.indexed('List').get('item')
  if (!item) throw new Error('List has no parameter item')
  return {
    condition: reverse({ prefix: `${item.prefix}${type}/`, type: 'List', where: [anyId(ids)] }),
    locks: [],
  }
}
