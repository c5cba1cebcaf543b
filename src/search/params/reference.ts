/** Reference parameters: what is written for a reference, and what a query looks up. http://hl7.org/fhir/R4/search.html#reference */

import { isId } from '../../base/id.ts'
import { type Issue, issue } from '../../base/issue.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import { isResourceType } from '../../fhir/resource-types.ts'
import { anyToken, type Condition, some } from '../algebra.ts'
import { unescapeValue } from '../values.ts'
import { identifier, type Out, type Restriction } from './token.ts'
import { uriWord, versionsAbove, versionWords } from './uri-words.ts'

/*
 * A token is `Type.parameter|` followed by the reference: `Patient/1` for a resource of this server, however it was
 * written; the URL for any other. A versioned reference (`Patient/1/_history/2`, `http://…|1.0`) is written with and
 * without its version; a canonical whose version has parts (`1.2`) also as the text `Type.parameter~` of what is above
 * it, see uri-words.ts. References to contained resources are not indexed. See CLARIFICATIONS 5 and 6.
 */

/** The token of every local reference of a resource, for referential integrity; the store writes it. */
export const referenceToken = (type: string, id: string): string => `ref|${type}/${id}`

/** `http://base/Patient/1` → `Patient/1` for a URL of this server; any other text as it is. */
export const relativeLink = (link: string, base: string): string =>
  base !== '' && link.length > base.length && link.charCodeAt(base.length) === 47 && link.startsWith(base)
    ? link.slice(base.length + 1)
    : link

/** Tokens of a uri, url or canonical. */
export const link = (out: Out, prefix: string, value: JsonValue | undefined, base: string): void => {
  if (typeof value !== 'string' || value === '' || value.charCodeAt(0) === 35) return
  const text = relativeLink(value, base)
  out.push(prefix + text)
  const version = text.indexOf('/_history/')
  if (version > 0) out.push(prefix + text.slice(0, version))
  const bar = text.lastIndexOf('|')
  if (bar <= 0) return
  out.push(prefix + text.slice(0, bar))
  const above = prefix.includes('._') ? '' : versionWords(text)
  if (above !== '') out.push(`${prefix.slice(0, -1)}~${above}`)
}

type Members = { readonly [member: string]: JsonValue | undefined }

/** Tokens of a Reference. */
export const reference = (out: Out, prefix: string, value: Members, base: string): void => {
  link(out, prefix, value.reference, base)
  const { identifier: logical } = value
  if (typeof logical === 'object' && logical !== null && !Array.isArray(logical))
    identifier(out, identifierPrefix(prefix), logical)
}

/** The tokens of the identifiers in references, which the modifier `:identifier` looks up. */
export const identifierPrefix = (prefix: string): string => `${prefix.slice(0, -1)}:identifier|`

/** The token of a resource that stands where a reference is expected (`Bundle.entry[0].resource`). */
export const inlined = (out: Out, prefix: string, value: Members): void => {
  const { resourceType, id } = value
  if (typeof resourceType === 'string' && typeof id === 'string') out.push(`${prefix}${resourceType}/${id}`)
}

/** Which of the functions above writes the tokens of an element of a type. */
export const referenceWriters: Readonly<Record<string, string>> = {
  Reference: 'reference',
  canonical: 'link',
  uri: 'link',
  url: 'link',
  oid: 'link',
  uuid: 'link',
  Resource: 'inlined',
}

/** `resolve() is Type`, decided from the text of the reference, which names the type. */
export const refersTo = (value: JsonValue | undefined, type: string): boolean => {
  if (typeof value !== 'string') return false
  if (value.startsWith(type) && value.charCodeAt(type.length) === 47) return true
  const at = value.lastIndexOf(`/${type}/`)
  return (
    at > 0 &&
    !value
      .slice(at + type.length + 2)
      .replace(/\/_history\/.*$/, '')
      .includes('/')
  )
}

/**
 * The condition of one reference parameter. `targets` are the resource types it may refer to; `only` is the type of a
 * `:Type` modifier; `types` are those of its elements: a bare word is an id for a Reference and a URL for the others.
 */
export const restrictReference = (
  name: string,
  prefix: string,
  values: readonly string[],
  options: {
    readonly targets: readonly string[]
    readonly only?: string
    readonly types: ReadonlySet<string>
    readonly base: string
  },
): Restriction => {
  const { targets, only, types, base } = options
  const hasLinks = [...types].some((type) => referenceWriters[type] === 'link')
  const tokens: string[] = []
  for (const raw of values) {
    const text = relativeLink(unescapeValue(raw), base)
    if (text === '')
      return { issue: issue('value', `The parameter "${name}" has an empty value.`, `http.${name}`) }
    const isBareId = isId(text)
    if (!hasLinks && !isBareId && !isLink(text)) return { issue: noReference(name, text, targets) }
    if (only !== undefined && !isBareId && !text.startsWith(`${only}/`) && !text.includes(`/${only}/`))
      return {
        issue: issue(
          'value',
          `The value of "${name}:${only}" names another type than ${only}.`,
          `http.${name}`,
        ),
      }
    if (!isBareId || hasLinks) tokens.push(prefix + text)
    if (isBareId && (types.has('Reference') || types.has('Resource')))
      for (const type of only === undefined ? targets : [only]) tokens.push(`${prefix}${type}/${text}`)
  }
  return { condition: anyToken(tokens, 'few'), locks: [] }
}

/** `[type]/[id]` of this server, with or without a version, or a URL. */
const isLink = (text: string): boolean => {
  const [, type = '', id = ''] = /^([A-Za-z]+)\/([^/]+)(?:\/_history\/[^/]+)?$/.exec(text) ?? []
  return (isResourceType(type) && isId(id)) || /^[a-z][a-z0-9+.-]*:./i.test(text)
}

const noReference = (name: string, text: string, targets: readonly string[]): Issue =>
  issue(
    'value',
    `"${name}" takes [id], [type]/[id] or a URL; ${JSON.stringify(text.slice(0, 80))} is none. Types are: ${targets.slice(0, 10).join(', ')}${targets.length > 10 ? ', …' : ''}.`,
    `http.${name}`,
  )

/** The condition of a canonical with `:above` or `:below`: its versions. */
export const restrictVersions = (
  name: string,
  prefix: string,
  values: readonly string[],
  modifier: 'above' | 'below',
): Restriction => {
  const parameter = prefix.slice(0, -1)
  const tokens: string[] = []
  const below: Condition[] = []
  for (const raw of values) {
    const canonical = unescapeValue(raw)
    if (!/^[a-z][a-z0-9+.-]*:[^|]+(?:\|[^|]+)?$/i.test(canonical))
      return {
        issue: issue(
          'value',
          `"${name}:${modifier}" needs a canonical URL with a version: [url]|[version].`,
          `http.${name}`,
        ),
      }
    tokens.push(...(modifier === 'above' ? versionsAbove(canonical) : [canonical]))
    if (modifier === 'below' && canonical.includes('|'))
      below.push({
        kind: 'texts',
        parameters: [parameter],
        words: [{ text: uriWord(canonical), isBeginning: false }],
      })
  }
  const exact = anyToken(
    tokens.map((text) => prefix + text),
    'few',
  )
  return { condition: below.length === 0 ? exact : some([exact, ...below]), locks: [] }
}

/** Whether a modifier is a resource type (`subject:Patient`). */
export const isTypeModifier = (modifier: string): boolean => isResourceType(modifier)
