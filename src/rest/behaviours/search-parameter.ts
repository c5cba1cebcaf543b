/** An active SearchParameter takes effect when it is written, so it must be one that can: http://hl7.org/fhir/R4/searchparameter.html */
import type { SearchParameter } from 'fhir/r4.js'
import type { Ctx } from '../../access/ctx.ts'
import { type Issue, issue } from '../../base/issue.ts'
import type { SearchParameterDefinition } from '../../fhir/definitions/model.ts'
import type { House } from '../house.ts'
import { condensed } from '../posted/parameters.ts'

const codeForm = /^[A-Za-z][\w-]{0,63}$/

/** Why it cannot be used; nothing for one that is not active, as it has no effect. */
export const checkSearchParameter = (
  house: House,
  ctx: Ctx,
  parameter: SearchParameter,
): readonly Issue[] => {
  if (parameter.status !== 'active') return []
  const { search, definitions } = house
  const one = condensed(definitions, parameter, 'new')
  if (isKnown(house, one)) return []
  const issues: Issue[] = []
  const refuse = (text: string, place: string, code: Issue['code'] = 'business-rule'): void => {
    issues.push(issue(code, text, `SearchParameter.${place}`))
  }
  if (!codeForm.test(one.code))
    refuse(
      `The code ${JSON.stringify(one.code)} cannot be searched by: use letters, digits, "-" and "_", beginning with a letter.`,
      'code',
    )
  if (one.type === 'special')
    return [
      ...issues,
      issue(
        'not-supported',
        'A parameter of type special has a meaning that only a program can give it; use another type.',
        'SearchParameter.type',
      ),
    ]
  for (const base of parameter.base)
    if (!definitions.types.get(base))
      refuse(`${JSON.stringify(base)} is not a resource type.`, 'base', 'value')
  if (one.expression === undefined)
    refuse(
      'Without an expression nothing is selected; give the FHIRPath of what is to be searched.',
      'expression',
      'required',
    )
  const taken = one.base.find((type) => definitions.searchParameters(type).has(one.code))
  if (taken !== undefined)
    refuse(
      `${taken} has a parameter "${one.code}" in the specification already (${definitions.searchParameters(taken).get(one.code)?.url}); choose another code.`,
      'code',
    )
  const other = postedBefore(house, ctx, parameter, one)
  if (other)
    refuse(
      `The SearchParameter ${other.url} has the code "${one.code}" for the same type already; update or retire that one, or choose another code.`,
      'code',
    )
  if (issues.length > 0) return issues
  for (const type of one.base) {
    const unusable = search.judge(type, one)
    if (unusable === undefined) continue
    const { element, reason } = unusable
    const isPromise = element !== 'component' && element !== 'expression'
    refuse(
      isPromise ? `It cannot be kept on ${type}: ${reason}.` : `It cannot be searched on ${type}: ${reason}.`,
      element,
      'value',
    )
    break
  }
  return issues
}

/** Those of the specification may be posted as well: they are there already. */
const isKnown = ({ definitions }: House, one: SearchParameterDefinition): boolean =>
  one.base.length > 0 &&
  one.base.every((type) => {
    const known = definitions.searchParameters(type).get(one.code)
    return known?.url === one.url && known.type === one.type
  })

const postedBefore = (
  { posted }: House,
  { tenant }: Ctx,
  { id }: SearchParameter,
  one: SearchParameterDefinition,
): { readonly url: string } | undefined => {
  const state = posted.loaded(tenant)
  return state?.parameters.find(
    (other) =>
      other.code === one.code &&
      other.base.some((type) => one.base.includes(type)) &&
      (id === undefined || state.sources.get(other.edition ?? '') !== id),
  )
}
