/** The replies to entries that wrote nothing new: http://hl7.org/fhir/R4/http.html#transaction-response */
import { keyText, type VersionWrite } from '../../store/index.ts'
import type { Reply } from '../reply.ts'
import { writtenReply } from '../written.ts'
import type { SettledEntry } from './settle.ts'
import type { Written } from './versions.ts'

/** For a create or update that found what it wanted, on the server or in `made`. */
export const keptReply = (entry: SettledEntry, made: ReadonlyMap<string, VersionWrite>): Reply => {
  const { key, found, request } = entry
  const row = found?.row
  if (row) {
    const version = { ...key, version: row.version, lastUpdated: row.last_updated }
    return writtenReply(request, 200, version, () => row.content)
  }
  const own = made.get(keyText(key))!
  return writtenReply(request, 200, own, () => own.content ?? '')
}

/** For a deletion; nothing was there when it is undefined. */
export const deletedReply = (written: Written | undefined): Reply =>
  written
    ? { status: 204, versionId: String(written.write.version), lastModified: written.write.lastUpdated }
    : { status: 204 }
