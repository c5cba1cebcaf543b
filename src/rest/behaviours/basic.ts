/** A Basic that is a policy must be one that can be enforced. */
import type { Basic } from 'fhir/r4.js'
import type { Ctx } from '../../access/ctx.ts'
import { isPolicyKey } from '../../access/policy-resource.ts'
import { type Issue, issue } from '../../base/issue.ts'
import type { House } from '../house.ts'

export const checkBasic = ({ callers }: House, _ctx: Ctx, basic: Basic): readonly Issue[] => {
  if (!callers || !isPolicyKey({ type: 'Basic', id: basic.id ?? '' })) return []
  const fault = callers.judge(basic)
  return fault === undefined ? [] : [issue('value', fault, 'Basic.extension')]
}
