/** Where an answer comes from: the definitions and the loaded systems of one tenant, and the versions that are wanted. */
import type { CodeSystem } from 'fhir/r4.js'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import { builtIn } from './grammars/index.ts'
import { memorySystem } from './memory-system.ts'
import { supplemented } from './supplements.ts'
import type { MissingSystem, StoredSystem, System } from './system.ts'
import { nameOf, notLoaded } from './well-known.ts'

/** Version by URL of a system: http://hl7.org/fhir/R4/valueset-operation-expand.html system-version, check-…, force-… */
export type VersionRules = {
  readonly system: ReadonlyMap<string, string>
  readonly check: ReadonlyMap<string, string>
  readonly force: ReadonlyMap<string, string>
}

/** What is compiled from a scope is kept with it, so it is made once for the same parts: `scopeOf`. */
export type Scope = {
  readonly canonicals: Canonicals
  readonly stored: readonly StoredSystem[]
  readonly versions?: VersionRules
}

const scopes = new WeakMap<Canonicals, WeakMap<readonly StoredSystem[], Scope>>()

/** The same scope for the same parts. */
export const scopeOf = (canonicals: Canonicals, stored: readonly StoredSystem[]): Scope => {
  const within = scopes.get(canonicals) ?? new WeakMap<readonly StoredSystem[], Scope>()
  scopes.set(canonicals, within)
  const known = within.get(stored)
  if (known) return known
  const scope: Scope = { canonicals, stored }
  within.set(stored, scope)
  return scope
}

/** `url` and `version` of `url|version`. */
export const splitCanonical = (canonical: string): { readonly url: string; readonly version?: string } => {
  const at = canonical.indexOf('|')
  return at < 0 ? { url: canonical } : { url: canonical.slice(0, at), version: canonical.slice(at + 1) }
}

/** The system with this URL, in this version if one is given. */
export const systemOf = (scope: Scope, name: string, given?: string): System | MissingSystem => {
  const { url, version = given } = splitCanonical(name)
  const wanted = versionFor(scope.versions, url, version)
  const found = find(scope, url, wanted)
  const checked = scope.versions?.check.get(url)
  if (checked === undefined || found.kind === 'missing' || found.version === undefined) return found
  if (matches(found.version, checked)) return found
  return missing(
    url,
    `The version ${found.version} of ${url} would be used, but check-system-version asks for ${checked}.`,
  )
}

const versionFor = (
  rules: VersionRules | undefined,
  url: string,
  version: string | undefined,
): string | undefined => rules?.force.get(url) ?? version ?? rules?.system.get(url) ?? rules?.check.get(url)

/** A version may be given by its beginning: `2.7` for `2.7.1`, a SNOMED CT edition without its date. */
const matches = (has: string, wanted: string): boolean =>
  has === wanted || has.startsWith(`${wanted}.`) || has.startsWith(`${wanted}/`)

const find = ({ canonicals, stored }: Scope, url: string, version?: string): System | MissingSystem => {
  const own = builtIn(url)
  if (own) return own
  const resource = canonicals.resolve('CodeSystem', version === undefined ? url : `${url}|${version}`)
  if (resource && hasContent(resource) && resource.content === 'complete')
    return supplemented(canonicals, memorySystem(resource))
  const loaded = stored.filter((system) => system.url === url)
  const fitting = loaded.find((system) => version === undefined || matches(system.version ?? '', version))
  if (fitting) return fitting
  if (resource && hasContent(resource)) return supplemented(canonicals, memorySystem(resource))
  return missing(url, whyMissing(canonicals, loaded, url, version))
}

/** What packages say of systems of others has no concepts. */
const hasContent = ({ content, concept }: CodeSystem): boolean =>
  concept !== undefined && content !== 'supplement' && content !== 'not-present'

const whyMissing = (
  canonicals: Canonicals,
  loaded: readonly StoredSystem[],
  url: string,
  version?: string,
): string => {
  const resource = canonicals.resolve('CodeSystem', url)
  if (
    resource?.content === 'supplement' &&
    resource.supplements !== undefined &&
    resource.supplements !== url
  )
    return `${url} is a supplement; its codes are those of ${resource.supplements}, ask for that.`
  if (version === undefined) return notLoaded(url)
  const there = [
    ...loaded.map((system) => system.version),
    ...(resource && hasContent(resource) ? [resource.version] : []),
  ].filter((one) => one !== undefined)
  return there.length === 0
    ? notLoaded(url, version)
    : `The version ${version} of ${nameOf(url)} is not here; there is ${there.join(', ')}.`
}

const missing = (url: string, reason: string): MissingSystem => ({ kind: 'missing', url, reason })
