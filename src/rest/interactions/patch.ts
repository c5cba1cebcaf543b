/** http://hl7.org/fhir/R4/http.html#patch: read, apply, write over the version that was read. */
import type { Ctx } from '../../access/ctx.ts'
import { instant } from '../../base/instant.ts'
import type { Issue } from '../../base/issue.ts'
import { invalid, unprocessable } from '../../base/problem.ts'
import { parseLossless } from '../../fhir/json/lossless.ts'
import { readJson } from '../../fhir/json/read.ts'
import { seal } from '../../fhir/json/stamp.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import { applyFhirPathPatch } from '../../fhir/patch/fhirpath-patch.ts'
import { applyJsonPatch } from '../../fhir/patch/json-patch.ts'
import { applyMergePatch } from '../../fhir/patch/merge-patch.ts'
import type { House } from '../house.ts'
import { ifMatchVersion, versionMismatch } from '../preconditions.ts'
import { checkStructure, missingProblem, type Prepared, prepare, writeOf } from '../prepare.ts'
import type { Body, PatchFormat } from '../request.ts'
import type { Step } from '../step.ts'
import { findingsOf } from '../validity.ts'
import { tellingPatients, writtenReply } from '../written.ts'
import { presentVersion } from './read.ts'

type Apply = (house: House, resource: JsonObject, patch: string) => JsonObject | Promise<JsonObject>

const appliers: Record<PatchFormat, Apply> = {
  'json-patch': (_house, resource, patch) => applyJsonPatch(resource, patch),
  'merge-patch': (_house, resource, patch) => applyMergePatch(resource, patch),
  'fhirpath-patch': (house, resource, patch) => applyFhirPathPatch(house.definitions, resource, patch),
}

/** The content after the patch, checked like any other content. Throws what the patch or the check refuses. */
export const patched = async (
  house: House,
  ctx: Ctx,
  target: { readonly type: string; readonly id: string; readonly content: string },
  body: Body | undefined,
): Promise<{ readonly prepared: Prepared; readonly findings: readonly Issue[] }> => {
  if (!body?.patch)
    throw invalid('The body is empty; send a JSON Patch, a JSON Merge Patch or a FHIRPath Patch.')
  const result = await appliers[body.patch](house, parseLossless(target.content), body.text)
  if (result.resourceType !== target.type || result.id !== target.id)
    throw unprocessable('A patch must not change resourceType or id.', `${target.type}.id`)
  const json = readJson(JSON.stringify(result), { depth: house.options.maxDepth })
  checkStructure(house, ctx, json, target.type)
  const findings = await findingsOf(house.validity, ctx, { type: target.type, json })
  return { prepared: prepare(house, ctx, json, target.type), findings }
}

/** Others kept writing in between: whoever catches this does the patch again with the resource locked. */
export class Contended extends Error {}

const attempts = 2

export const patch: Step = async (house, ctx, turn) => {
  const { type = '', id = '', body, ifMatch } = turn.request
  const over = ifMatchVersion(ifMatch)
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const current = presentVersion(await house.store.current(ctx.tenant, { type, id }), type, id)
    if (over !== undefined && over !== current.version) throw versionMismatch(type, id, current.version)
    const { prepared, findings } = await patched(house, ctx, current, body)
    const write = writeOf(ctx, prepared, id)
    const condition = { over: current.version }
    const { written, missing } = await house.store.update(ctx.tenant, write, 'PATCH', condition)
    if (missing.length > 0) throw missingProblem(house, ctx, prepared, missing)
    if (!written) continue
    const { version, lastUpdated } = written
    const text = (): string => seal(write.content, version, instant(lastUpdated))
    const reply = writtenReply(turn.request, 200, { type, id, version, lastUpdated }, text, findings)
    return { ...turn, reply: tellingPatients(reply, text, ctx.base) }
  }
  throw new Contended(`${type}/${id} kept changing while the patch was applied`)
}
