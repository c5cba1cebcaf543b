/** Headers that say when a request applies: http://hl7.org/fhir/R4/http.html#concurrency, #cread */
import { invalid, preconditionFailed } from '../base/problem.ts'
import type { Version } from '../store/index.ts'

const tag = /^(?:W\/)?"([^"]*)"$/

/** `W/"3"` → `3`; the tags of a list, `*` alone. Throws 400 for anything else. */
const entityTags = (header: string, name: string): readonly string[] | '*' => {
  const text = header.trim()
  if (text === '*') return '*'
  return text.split(',').map((part) => {
    const match = tag.exec(part.trim())
    if (!match)
      throw invalid(
        `${name} must be an entity tag such as W/"3", not ${JSON.stringify(header)}.`,
        `http.${name}`,
      )
    return match[1]!
  })
}

const versionNumber = /^[1-9][0-9]{0,8}$/

/** The version that `If-Match` names; -1 for one that no resource can have. Throws 400 for several or a wrong form. */
export const ifMatchVersion = (header: string | undefined): number | undefined => {
  if (header === undefined) return undefined
  const tags = entityTags(header, 'If-Match')
  if (tags === '*' || tags.length !== 1)
    throw invalid('If-Match must name exactly one version, such as W/"3".', 'http.If-Match')
  return versionNumber.test(tags[0]!) ? Number(tags[0]) : -1
}

/** Whether a read may go on: RFC 9110 13.1.1 knows If-Match there too. */
export const readMatches = (version: Version, header: string | undefined): boolean => {
  if (header === undefined) return true
  const tags = entityTags(header, 'If-Match')
  return tags === '*' || tags.includes(String(version.version))
}

/** Whether an update asks not to replace anything: `If-None-Match: *`. */
export const onlyIfAbsent = (header: string | undefined): boolean => {
  if (header === undefined) return false
  if (entityTags(header, 'If-None-Match') === '*') return true
  throw invalid(
    'On an update If-None-Match can only be *, to create without replacing.',
    'http.If-None-Match',
  )
}

/** Whether a read may be answered with 304. If-None-Match wins over If-Modified-Since (RFC 9110 13.2.2). */
export const notModified = (
  version: Version,
  headers: { readonly ifNoneMatch?: string | undefined; readonly ifModifiedSince?: string | undefined },
): boolean => {
  if (headers.ifNoneMatch !== undefined) {
    const tags = entityTags(headers.ifNoneMatch, 'If-None-Match')
    return tags === '*' || tags.includes(String(version.version))
  }
  if (headers.ifModifiedSince === undefined) return false
  const since = Date.parse(headers.ifModifiedSince)
  // RFC 9110: a date that cannot be read is ignored. The header has seconds, lastUpdated has milliseconds.
  return !Number.isNaN(since) && Math.floor(version.lastUpdated / 1000) * 1000 <= since
}

/** The condition in `If-None-Exist: Patient?identifier=1`; the type in front is optional. Throws 400 for another type. */
export const ifNoneExistQuery = (header: string, type: string): string => {
  const [url, path] = /^([^?=&]*)\?/.exec(header) ?? ['', '']
  const named = path?.split('/').at(-1)
  if (named && named !== type)
    throw invalid(
      `If-None-Exist is about ${type} here, not ${JSON.stringify(named)}; write the search parameters only.`,
      'http.If-None-Exist',
    )
  return header.slice(url.length)
}

/** 412 that tells which version is current. */
export const versionMismatch = (type: string, id: string, current: number | undefined): Error =>
  preconditionFailed(
    current === undefined
      ? `${type}/${id} does not exist, so If-Match cannot hold; create it without If-Match.`
      : `${type}/${id} is at version ${current}; read it again and send If-Match: W/"${current}".`,
    'http.If-Match',
  )
