/** http://hl7.org/fhir/R4/http.html#capabilities */
import { invalid } from '../../base/problem.ts'
import { unreadyNames } from '../index-builds.ts'
import type { Step } from '../step.ts'

const modes = ['full', 'normative', 'terminology']

export const capabilities: Step = async (house, ctx, turn) => {
  const mode = turn.request.query.find(([name]) => name === 'mode')?.[1] ?? 'full'
  if (!modes.includes(mode))
    throw invalid(`mode is full, normative or terminology, not ${JSON.stringify(mode)}.`, 'http.mode')
  const resourceType = mode === 'terminology' ? 'TerminologyCapabilities' : 'CapabilityStatement'
  const text = house.capabilities(ctx.base, mode, await unreadyNames(house, ctx.tenant))
  return { ...turn, reply: { status: 200, resourceType, body: [text] } }
}
