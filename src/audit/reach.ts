/** Which events somebody may see, as conditions of the log. */
import type { Reach, Restriction } from '../access/access.ts'
import { agentKey, entityKeys, patientKey } from './row.ts'

const parameters: Readonly<Record<string, (value: string) => string | string[]>> = {
  patient: (value) => patientKey(value.includes('/') ? value : `Patient/${value}`),
  agent: agentKey,
  entity: entityKeys,
}

/** Keys one of which an event must have; none when the restriction cannot be told by keys: then nothing is shown. */
const keysOf = (restriction: Restriction): readonly string[] => {
  if (restriction.kind === 'compartment') {
    const { type, ids } = restriction
    if (type === 'Patient') return ids.map((id) => patientKey(`Patient/${id}`))
    if (type === 'Practitioner' || type === 'Device') return ids.map((id) => agentKey(`${type}/${id}`))
    return []
  }
  if (restriction.kind !== 'search' || restriction.query.length !== 1) return []
  const [name, value] = restriction.query[0]!
  const read = parameters[name]
  return read ? value.split(',').flatMap(read) : []
}

/** Lists of keys, of each of which an event must have one; undefined when nothing may be seen. */
export const keysOfReach = (reach: Reach): readonly (readonly string[])[] | undefined => {
  if (reach === 'none') return undefined
  if (reach === 'all') return []
  return reach.groups.map((group) => group.flatMap(keysOf))
}
