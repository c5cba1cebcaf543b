/** Which id is written: a new one on create, the URL's on update. http://hl7.org/fhir/R4/http.html#update */
import { newId } from '../../base/id.ts'
import { invalid } from '../../base/problem.ts'
import type { Step } from '../step.ts'

export const identify: Step = (_house, ctx, turn) => {
  const { interaction, id } = turn.request
  if (interaction === 'create') return { ...turn, id: newId(ctx.at), method: 'POST' }
  const found = turn.json?.value.id
  if (found === undefined)
    throw invalid(
      `The resource has no id; an update needs the id of the URL, "${id}", in the body too.`,
      `${turn.request.type}.id`,
    )
  if (found !== id)
    throw invalid(
      `The id in the body is ${JSON.stringify(found)}, the one in the URL "${id}"; they must be the same.`,
      `${turn.request.type}.id`,
    )
  return { ...turn, id: found, method: 'PUT' }
}
