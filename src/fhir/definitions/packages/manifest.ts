/** The manifest of a FHIR package, `package/package.json`: https://hl7.org/fhir/packages.html */

export type Manifest = {
  readonly name: string
  readonly version: string
  readonly title?: string
  /** What the URLs of its own definitions begin with: `http://hl7.org/fhir/uv/ips`. */
  readonly canonical?: string
  /** `{ 'hl7.fhir.r4.core': '4.0.1' }` */
  readonly dependencies: Readonly<Record<string, string>>
}

/** Why a package cannot be taken. The message is a sentence for whoever brought it. */
export class PackageError extends Error {
  override readonly name = 'PackageError'
}

const namePattern = /^(@[a-z0-9][\w.-]{0,99}\/)?[a-z0-9][\w.-]{0,199}$/i
const versionPattern = /^[\w.+-]{1,100}$/

/** Checks the manifest; throws a PackageError for one that is not of a package for R4. */
export const readManifest = (json: unknown): Manifest => {
  if (!isRecord(json)) throw new PackageError('Its package.json is not a JSON object.')
  const { name, version, title, canonical, dependencies } = json
  if (typeof name !== 'string' || !namePattern.test(name))
    throw new PackageError('Its package.json has no proper name.')
  if (typeof version !== 'string' || !versionPattern.test(version))
    throw new PackageError('Its package.json has no proper version.')
  const versions = json.fhirVersions ?? json['fhir-version-list']
  if (Array.isArray(versions) && !versions.some((one) => /^4\.0(\.|$)/.test(String(one))))
    throw new PackageError(`It is for FHIR ${versions.join(', ')}; this server is of R4, 4.0.1.`)
  return {
    name,
    version,
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof canonical === 'string' ? { canonical } : {}),
    dependencies: isRecord(dependencies) ? readDependencies(dependencies) : {},
  }
}

const readDependencies = (given: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).filter(
      (one): one is [string, string] => namePattern.test(one[0]) && typeof one[1] === 'string',
    ),
  )

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `hl7.fhir.uv.ips#2.0.0`, as in `meta.source` and in CanonicalEntry.source. */
export const packageName = ({ name, version }: Pick<Manifest, 'name' | 'version'>): string =>
  `${name}#${version}`
