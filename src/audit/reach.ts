/** Which events somebody may see, as conditions of the log. */
import type { Reach, Restriction } from '../access/access.ts'
import { agentKey, entityKeys, patientKey } from './row.ts'

const parameters: Readonly<Record<string, (value: string) => string | string[]>> = {
  patient: (value) => patientKey(value.includes('/') ? value : `Patient/${value}`),
  agent: agentKey,
  'agent:identifier': agentKey,
  entity: entityKeys,
}

/** Whose compartments have what they took part in: http://hl7.org/fhir/R4/compartmentdefinition.html */
const ofAgents: ReadonlySet<string> = new Set(['Practitioner', 'Device', 'RelatedPerson'])

/** Keys one of which an event must have; none when the restriction cannot be told by keys: then nothing is shown. */
const keysOf = (restriction: Restriction): readonly string[] => {
  if (restriction.kind === 'compartment') {
    const { type, ids } = restriction
    const references = ids.map((id) => `${type}/${id}`)
    // What a patient did is in the compartment, too.
    if (type === 'Patient') return references.flatMap((one) => [patientKey(one), agentKey(one)])
    return ofAgents.has(type) ? references.map(agentKey) : []
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
