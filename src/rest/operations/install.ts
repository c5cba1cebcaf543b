/** ImplementationGuide/$install: takes the definitions of a FHIR package (https://hl7.org/fhir/packages.html) in. */
import { Readable } from 'node:stream'
import type { Ctx } from '../../access/ctx.ts'
import { type Issue, issue } from '../../base/issue.ts'
import { invalid } from '../../base/problem.ts'
import { type Manifest, PackageError, packageName } from '../../fhir/definitions/packages/manifest.ts'
import { tgzDefinitions, tgzManifest } from '../../fhir/definitions/packages/tgz.ts'
import { definitionTypes } from '../../fhir/definitions/posted.ts'
import { outcomeText } from '../bundle-text.ts'
import type { House } from '../house.ts'
import { definitions, writeDefinitions } from '../installed-package.ts'
import { defineOperation } from '../operation.ts'
import type { Reply } from '../reply.ts'

export const install = defineOperation({
  code: 'install',
  url: 'https://lamplight.dev/fhir/OperationDefinition/install',
  on: ['type'],
  types: ['ImplementationGuide'],
  affectsState: true,
  input: { package: { type: 'base64Binary', min: 1 } },
  run: (house, ctx, call) => installPackage(house, ctx, Buffer.from(call.one<string>('package')!, 'base64')),
})

const nothingIn =
  'No definition was found in the package. Definitions stand in files right in package/, named by their type, such as package/ValueSet-colours.json.'

const installPackage = async (house: House, ctx: Ctx, archive: Buffer): Promise<Reply> => {
  const open = () => Readable.from([archive])
  try {
    const manifest = await tgzManifest(open)
    const source = packageName(manifest)
    const { written, refused } = await writeDefinitions(
      house,
      ctx,
      { source, canonical: manifest.canonical },
      tgzDefinitions(open()),
    )
    const issues: Issue[] = [
      {
        ...issue('informational', `Installed ${definitions(written)} of ${source}.`),
        severity: 'information',
      },
      ...(written + refused.length === 0 ? [warning('not-found', nothingIn)] : []),
      ...missing(house, ctx, manifest).map((sentence) => warning('not-found', sentence)),
      ...refused.map((sentence) => issue('not-supported', `Not installed: ${sentence}`)),
    ]
    return { status: 200, resourceType: 'OperationOutcome', body: [outcomeText(issues)] }
  } catch (error) {
    if (!(error instanceof PackageError)) throw error
    throw invalid(`The package cannot be installed. ${error.message}`, 'http.package')
  }
}

const warning = (code: Issue['code'], sentence: string): Issue => ({
  ...issue(code, sentence),
  severity: 'warning',
})

/** Packages are known by what names them as its source, and by the guides that say which package they are. */
const missing = (house: House, ctx: Ctx, { dependencies }: Manifest): readonly string[] => {
  const canonicals = house.canonicals(ctx.tenant)
  const names = new Set(
    definitionTypes.flatMap((type) => canonicals.list(type).map(({ source }) => source.split('#')[0])),
  )
  for (const { url, source } of canonicals.list('ImplementationGuide'))
    if (source === 'posted') names.add(canonicals.resolve('ImplementationGuide', url)?.packageId)
  return Object.entries(dependencies)
    .filter(([name]) => !names.has(name) && name !== 'hl7.fhir.r4.examples')
    .map(
      ([name, version]) =>
        `It builds on ${packageName({ name, version })}, which is not there; install that as well.`,
    )
}
