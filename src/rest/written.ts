/** The reply to a write: http://hl7.org/fhir/R4/http.html#create, #update, #ops (return preference) */
import { type Issue, issue } from '../base/issue.ts'
import { patientsIn } from './patients-in.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

export type WrittenVersion = {
  readonly type: string
  readonly id: string
  readonly version: number
  readonly lastUpdated: number
}

const note = (text: string): Issue => ({ ...issue('informational', text), severity: 'information' })

/** `text` gives the whole resource and is asked only when it is wanted; `findings` are told with the outcome. */
export const writtenReply = (
  request: Request,
  status: 200 | 201,
  version: WrittenVersion,
  text: () => string,
  findings: readonly Issue[] = [],
): Reply => {
  const reply = {
    status,
    versionId: String(version.version),
    lastModified: version.lastUpdated,
    location: `${version.type}/${version.id}/_history/${version.version}`,
  }
  if (request.return === 'minimal') return reply
  if (request.return === 'OperationOutcome')
    return {
      ...reply,
      outcome: [
        note(
          `${version.type}/${version.id} ${status === 201 ? 'was created' : 'is stored'} as version ${version.version}.`,
        ),
        ...findings,
      ],
    }
  return { ...reply, body: [text()], resourceType: version.type }
}

/**
 * Tells beside a reply without a body whom the stored `content` is about: what was sent does not, where it has placeholders
 * or conditions for references, or is a patch.
 */
export const tellingPatients = (reply: Reply, content: () => string, base: string): Reply => {
  if (reply.body) return reply
  const found = new Set<string>()
  patientsIn([content()], base, found)
  return { ...reply, patients: [...found] }
}
