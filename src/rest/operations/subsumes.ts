/** CodeSystem/$subsumes: http://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
import type { CodeSystem, Coding } from 'fhir/r4.js'
import { issue } from '../../base/issue.ts'
import { invalid, Problem } from '../../base/problem.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import { subsumes as relate } from '../../terminology/index.ts'
import { blaming, placesOf } from '../blame.ts'
import { defineOperation, type OperationCall, resourceReply } from '../operation.ts'
import { foundSystem, parameters, subject, terminologyOf } from '../terminology.ts'

export const subsumes = defineOperation({
  code: 'subsumes',
  url: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes',
  on: ['type', 'instance'],
  types: ['CodeSystem'],
  affectsState: false,
  input: {
    codeA: { type: 'code' },
    codeB: { type: 'code' },
    system: { type: 'uri' },
    version: { type: 'string' },
    codingA: { type: 'Coding' },
    codingB: { type: 'Coding' },
  },
  run: async (house, ctx, call) => {
    const terminology = terminologyOf(house)
    const [a, b] = [side(call, 'A'), side(call, 'B')]
    const own = await subject<CodeSystem>(house, ctx, call)
    const named = new Set(
      [a.system, b.system, call.one<string>('system'), own?.url].filter((one) => one !== undefined),
    )
    if (named.size > 1)
      throw invalid(
        `Both codes must be of one code system, not of ${[...named].join(' and ')}.`,
        ...placesOf(call, ['system', 'codingA', 'codingB']),
      )
    const [url] = named
    if (url === undefined)
      throw invalid('Say of which code system the codes are: send system.', 'http.system')
    const version = own?.version ?? call.one<string>('version') ?? a.version ?? b.version
    const scope = await terminology.scope(ctx.tenant)
    const system = await blaming(call, ['system', 'codingA', 'codingB'], () =>
      foundSystem(scope, url, version),
    )
    const [outcome] = await relate(terminology.source, system, [[a.code, b.code]])
    if (typeof outcome === 'object')
      throw new Problem(404, [
        issue('not-found', outcome.reason, ...placesOf(call, ['codeA', 'codingA', 'codeB', 'codingB'])),
      ])
    return resourceReply(parameters([{ name: 'outcome', valueCode: outcome! }]))
  },
})

const side = (call: OperationCall, which: 'A' | 'B') => {
  const code = call.one<string>(`code${which}`)
  const coding = call.one<JsonObject>(`coding${which}`) as Coding | undefined
  if ((code === undefined) === (coding === undefined))
    throw invalid(`Send one of code${which} and coding${which}.`, `http.code${which}`)
  const found = code ?? coding?.code
  if (found === undefined) throw invalid(`The coding${which} has no code.`, `http.coding${which}`)
  return { code: found, system: coding?.system, version: coding?.version }
}
