/** Parses the body and checks it as a resource of the type in the URL. */
import { invalid } from '../../base/problem.ts'
import { checkStructure, parseBody } from '../prepare.ts'
import type { Step } from '../step.ts'

export const readBody: Step = (house, ctx, turn) => {
  const { body, type = '' } = turn.request
  if (!body) throw invalid(`The body is empty; send a ${type} resource.`)
  const json = parseBody(house, body.text)
  checkStructure(house, ctx, json, type)
  return { ...turn, json }
}
