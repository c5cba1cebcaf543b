/** What is asked of resources of some types besides their structure, whichever way they are written. */
import type { Ctx } from '../../access/ctx.ts'
import { hasErrors, type Issue } from '../../base/issue.ts'
import { Problem } from '../../base/problem.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { House } from '../house.ts'
import { checkBasic } from './basic.ts'
import { checkSearchParameter } from './search-parameter.ts'

type Check = (house: House, ctx: Ctx, resource: never) => readonly Issue[]

const checks: Readonly<Record<string, Check>> = {
  Basic: checkBasic,
  SearchParameter: checkSearchParameter,
}

/** Throws 422 for a resource that cannot do what it is for. Its structure has been checked. */
export const checkBehaviour = (house: House, ctx: Ctx, type: string, resource: JsonObject): void => {
  const issues = checks[type]?.(house, ctx, resource as never) ?? []
  if (hasErrors(issues)) throw new Problem(422, issues)
}
