/** Which id is written: a new one on create, the URL's on update. http://hl7.org/fhir/R4/http.html#update */
import { newId } from '../../base/id.ts'
import { invalid } from '../../base/problem.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import type { Step } from '../step.ts'

/** The id in the body of an update must be the URL's. Throws 400. */
export const checkBodyId = (found: JsonValue | undefined, type: string, id: string): void => {
  if (found === id) return
  throw invalid(
    found === undefined
      ? `The resource has no id; an update needs the id of the URL, "${id}", in the body too.`
      : `The id in the body is ${JSON.stringify(found)}, the one in the URL "${id}"; they must be the same.`,
    `${type}.id`,
  )
}

export const identify: Step = (_house, ctx, turn) => {
  const { interaction, type = '', id = '' } = turn.request
  if (interaction === 'create') return { ...turn, id: newId(ctx.at), method: 'POST' }
  checkBodyId(turn.json?.value.id, type, id)
  return { ...turn, id, method: 'PUT' }
}
