/** http://hl7.org/fhir/R4/http.html#capabilities */
import type { Ctx } from '../../access/ctx.ts'
import { invalid, unsupported } from '../../base/problem.ts'
import { revised } from '../capability-statement.ts'
import type { House } from '../house.ts'
import { unreadyNames } from '../index-builds.ts'
import { resourceReply } from '../operation.ts'
import type { Step } from '../step.ts'
import { terminologyCapabilities } from '../terminology-capabilities.ts'

const modes = ['full', 'normative', 'terminology']

export const capabilities: Step = async (house, ctx, turn) => {
  const mode = turn.request.query.find(([name]) => name === 'mode')?.[1] ?? 'full'
  if (!modes.includes(mode))
    throw invalid(`mode is full, normative or terminology, not ${JSON.stringify(mode)}.`, 'http.mode')
  if (mode === 'terminology') return { ...turn, reply: resourceReply(await ofTerminology(house, ctx)) }
  const body = [house.capabilities(ctx.base, await unreadyNames(house, ctx.tenant))]
  return { ...turn, reply: { status: 200, resourceType: 'CapabilityStatement', body } }
}

const ofTerminology = async ({ terminology, operations, version }: House, { base, tenant }: Ctx) => {
  if (!terminology) throw unsupported('This server has no terminology.')
  const scope = await terminology.scope(tenant)
  return terminologyCapabilities({ base, version, date: revised, scope, operations })
}
