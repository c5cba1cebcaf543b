/** What the bytes of a body are, by Content-Type: http://hl7.org/fhir/R4/http.html#mime-type */
import { isUtf8 } from 'node:buffer'
import { invalid, unsupportedMediaType } from '../base/problem.ts'
import type { PatchFormat } from '../rest/index.ts'

/** A media type in lower case with the two parameters that matter here. */
export type MediaType = { readonly name: string; readonly charset?: string; readonly fhirVersion?: string }

const resourceTypes = new Set([
  'application/fhir+json',
  'application/json',
  'application/json+fhir',
  'text/json',
])
const ndjsonTypes = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson'])
/** Generic types of XML are FHIR where nothing else can be meant: to Binary they are content. */
const xmlTypes = new Set(['application/fhir+xml', 'application/xml+fhir'])
const genericXmlTypes = new Set(['application/xml', 'text/xml'])
const patchTypes: ReadonlyMap<string, PatchFormat> = new Map([
  ['application/json-patch+json', 'json-patch'],
  ['application/merge-patch+json', 'merge-patch'],
  ['application/fhir+json', 'fhirpath-patch'],
  ['application/json', 'fhirpath-patch'],
  ['application/fhir+xml', 'fhirpath-patch'],
  ['application/xml+fhir', 'fhirpath-patch'],
  ['application/xml', 'fhirpath-patch'],
  ['text/xml', 'fhirpath-patch'],
])
const known = new Map<string, MediaType>()

/** Remembers the few spellings that clients use; undefined without a header. */
export const parseMediaType = (header: string | undefined): MediaType | undefined => {
  if (header === undefined) return undefined
  const remembered = known.get(header)
  if (remembered) return remembered
  const media = read(header)
  if (known.size < 100) known.set(header, media)
  return media
}

const read = (header: string): MediaType => {
  const [name, ...parameters] = header.toLowerCase().split(';')
  const find = (key: string) => {
    const parameter = parameters.find((p) => p.trim().startsWith(`${key}=`))
    return parameter
      ?.trim()
      .slice(key.length + 1)
      .replace(/^"(.*)"$/, '$1')
  }
  const charset = find('charset')
  const fhirVersion = find('fhirversion')
  return { name: name!.trim(), ...(charset ? { charset } : {}), ...(fhirVersion ? { fhirVersion } : {}) }
}

const isResourceMedia = (media: MediaType | undefined): boolean =>
  media !== undefined && resourceTypes.has(media.name)

/** Whether a body of this type sent to Binary is a FHIR resource, or wants to be one, rather than content. */
export const isFhirMedia = (media: MediaType | undefined): boolean =>
  media === undefined || isResourceMedia(media) || xmlTypes.has(media.name)

/** Whether a resource of this type is written in XML. */
export const isXmlMedia = (media: MediaType | undefined): boolean =>
  media !== undefined && (xmlTypes.has(media.name) || genericXmlTypes.has(media.name))

/** Whether a body is resources, one a line. Throws 415 for an encoding or a version that is not read here. */
export const isNdjsonMedia = (media: MediaType | undefined): boolean => {
  if (media === undefined || !ndjsonTypes.has(media.name)) return false
  checkParameters(media)
  return true
}

/** Throws 415 unless the body is a resource in JSON or XML. */
export const checkResourceMedia = (media: MediaType | undefined): void => {
  if (!isResourceMedia(media) && !isXmlMedia(media))
    throw unknownMedia(media, 'application/fhir+json or application/fhir+xml')
  checkParameters(media!)
}

/** The format of a patch document. Throws 415. */
export const patchFormat = (media: MediaType | undefined): PatchFormat => {
  const format = patchTypes.get(media?.name ?? '')
  if (!format) {
    throw unknownMedia(
      media,
      'application/json-patch+json, application/merge-patch+json, or application/fhir+json or application/fhir+xml with Parameters (FHIRPath Patch)',
    )
  }
  checkParameters(media!)
  return format
}

/** Throws 415 unless the body is a form. */
export const checkFormMedia = (media: MediaType | undefined): void => {
  if (media?.name !== 'application/x-www-form-urlencoded') {
    throw unknownMedia(media, 'application/x-www-form-urlencoded')
  }
  checkParameters(media)
}

const unknownMedia = (media: MediaType | undefined, wanted: string) => {
  const found = media
    ? `The body has a Content-Type that is not understood here`
    : 'The body has no Content-Type'
  const hint = media?.name.includes('ndjson')
    ? ' NDJSON is taken at the base only, where each line is written by itself; a Bundle does the same.'
    : ''
  return unsupportedMediaType(`${found}. Send ${wanted}.${hint}`)
}

const checkParameters = ({ charset, fhirVersion }: MediaType): void => {
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw unsupportedMediaType(
      'Bodies are read as UTF-8 only. Encode the body in UTF-8 and say charset=utf-8.',
    )
  }
  if (fhirVersion !== undefined && fhirVersion !== '4.0' && fhirVersion !== '4.0.1') {
    throw unsupportedMediaType(
      'This endpoint speaks FHIR version 4.0 only. Send fhirVersion=4.0, or leave it out.',
    )
  }
}

/** The bytes as text, without a byte order mark. Throws 400 when they are not UTF-8. */
export const decodeText = (bytes: Buffer): string => {
  if (!isUtf8(bytes)) throw invalid('The body is not valid UTF-8. Encode it in UTF-8.')
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** The same for XML, whose byte order mark tells another encoding. Throws 415 for that. */
export const decodeXml = (bytes: Buffer): string => {
  const [first, second] = bytes
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe))
    throw unsupportedMediaType(
      'The XML is encoded in UTF-16; FHIR is always UTF-8. Encode the body in UTF-8.',
    )
  return decodeText(bytes)
}
