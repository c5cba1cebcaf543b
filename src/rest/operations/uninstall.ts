/** ImplementationGuide/$uninstall: deletes what $install wrote of a package. */
import { issue } from '../../base/issue.ts'
import { notFound } from '../../base/problem.ts'
import { packageName } from '../../fhir/definitions/packages/manifest.ts'
import { outcomeText } from '../bundle-text.ts'
import { definitions, deleteDefinitions } from '../installed-package.ts'
import { defineOperation } from '../operation.ts'

export const uninstall = defineOperation({
  code: 'uninstall',
  url: 'https://lamplight.dev/fhir/OperationDefinition/uninstall',
  on: ['type'],
  types: ['ImplementationGuide'],
  affectsState: true,
  input: { name: { type: 'string', min: 1 }, version: { type: 'string', min: 1 } },
  run: async (house, ctx, call) => {
    const source = packageName({
      name: call.one<string>('name')!,
      version: call.one<string>('version')!,
    })
    const deleted = await deleteDefinitions(house, ctx, source)
    if (deleted === 0) throw notFound(`Nothing of ${source} is installed.`, 'http.name', 'http.version')
    const said = issue('informational', `Deleted ${definitions(deleted)} of ${source}.`)
    return {
      status: 200,
      resourceType: 'OperationOutcome',
      body: [outcomeText([{ ...said, severity: 'information' }])],
    }
  },
})
