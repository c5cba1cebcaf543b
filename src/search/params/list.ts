/** `_list`: what a List has among its entries, or what is on a list that the server works out. http://hl7.org/fhir/R4/search.html#list */
import { isId } from '../../base/id.ts'
import { type Issue, issue } from '../../base/issue.ts'
import { anyId, type Condition, every, reverse, some } from '../algebra.ts'
import type { Extractor } from '../extract.ts'
import type { Filter } from '../parse.ts'
import { unescapeValue } from '../values.ts'
import { currentLists } from './current-list.ts'
import type { Restriction } from './token.ts'

/** `ofPatient` tells whether the search is about patients that it names; `inner` restricts by another parameter. */
type Context = {
  readonly type: string
  readonly ofPatient: boolean
  readonly inner: (filter: Filter) => Restriction
}

/** The condition of being on one of the lists. */
export const restrictList = (extractor: Extractor, filter: Filter, context: Context): Restriction => {
  const ids: string[] = []
  const current: Condition[] = []
  for (const value of filter.values) {
    const id = unescapeValue(value).replace(/^List\//, '')
    const made = id.startsWith('$') ? onCurrent(id, filter, context) : undefined
    if (made && 'severity' in made) return { issue: made }
    if (made) current.push(made)
    else if (isId(id)) ids.push(id)
    else
      return {
        issue: refuse('value', `"_list" takes ids of List resources, such as _list=42, or ${names}.`),
      }
  }
  const item = extractor.indexed('List').get('item')
  if (!item) throw new Error('List has no parameter item')
  const link = { prefix: `${item.prefix}${context.type}/`, type: 'List', where: [anyId(ids)] }
  return { condition: some([...(ids.length > 0 ? [reverse(link)] : []), ...current]), locks: [] }
}

const names = Object.keys(currentLists).join(', ')

const refuse = (code: Issue['code'], text: string): Issue => issue(code, text, 'http._list')

const onCurrent = (
  name: string,
  { source }: Filter,
  { type, ofPatient, inner }: Context,
): Condition | Issue => {
  const list = Object.hasOwn(currentLists, name) ? currentLists[name] : undefined
  if (!list)
    return refuse(
      'not-supported',
      `The list ${JSON.stringify(name.slice(0, 64))} is none that this server works out. These are: ${names}; or give the id of a List resource.`,
    )
  const tests = list[type]
  if (!tests)
    return refuse(
      'not-supported',
      `The list ${name} has resources of type ${Object.keys(list).join(' and ')}: search those.`,
    )
  if (!ofPatient)
    return refuse('required', `The list ${name} is that of a patient: add patient=[id] to the search.`)
  const conditions: Condition[] = []
  for (const [parameter, value] of tests) {
    const [code = '', modifier] = parameter.split(':')
    const filter = { code, values: value.split(','), source, ...(modifier ? { modifier } : {}) }
    const found = inner(filter)
    if ('issue' in found) return found.issue
    conditions.push(found.condition)
  }
  return every(conditions)
}
