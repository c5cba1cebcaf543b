/** http://hl7.org/fhir/R4/http.html#read and #vread */
import { gone, notFound } from '../../base/problem.ts'
import type { Version } from '../../store/index.ts'
import { notModified, readMatches, versionMismatch } from '../preconditions.ts'
import type { Reply } from '../reply.ts'
import type { Request } from '../request.ts'
import type { Step } from '../step.ts'

/** A version as the answer to a read. Throws 404 and 410. */
export const presentVersion = (
  version: Version | undefined,
  type: string,
  id: string,
): Version & { content: string } => {
  if (version === undefined) throw notFound(`${type}/${id} does not exist.`)
  if (version.content === null)
    throw gone(`${type}/${id} was deleted; its earlier versions are at ${type}/${id}/_history.`)
  return version as Version & { content: string }
}

const validators = (version: Version): Pick<Reply, 'versionId' | 'lastModified'> => ({
  versionId: String(version.version),
  lastModified: version.lastUpdated,
})

const replyOf = (version: Version & { content: string }, request: Request): Reply => {
  const { type, id } = version
  if (!readMatches(version, request.ifMatch)) throw versionMismatch(type, id, version.version)
  if (notModified(version, request)) return { status: 304, ...validators(version) }
  return { status: 200, ...validators(version), body: [version.content], resourceType: type }
}

export const read: Step = async (house, ctx, turn) => {
  const { type = '', id = '' } = turn.request
  const found = await house.store.current(ctx.tenant, { type, id })
  const version = presentVersion(found, type, id)
  return { ...turn, reply: replyOf(version, turn.request) }
}

const versionNumber = /^[1-9][0-9]{0,8}$/

export const vread: Step = async (house, ctx, turn) => {
  const { type = '', id = '', versionId = '' } = turn.request
  const found = versionNumber.test(versionId)
    ? await house.store.version(ctx.tenant, { type, id }, Number(versionId))
    : undefined
  if (!found)
    throw notFound(
      `${type}/${id} has no version ${JSON.stringify(versionId)}; its versions are at ${type}/${id}/_history.`,
    )
  const version = presentVersion(found, type, id)
  return { ...turn, reply: replyOf(version, turn.request) }
}
