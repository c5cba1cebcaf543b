/** The policies of this server, checked: a fault in one is told at the start, and nothing is served. */
import { join } from 'node:path'
import { loadPolicies, type Policies } from './access/load-policies.ts'
import { typeGroups } from './access/type-groups.ts'
import type { Definitions } from './fhir/definitions/model.ts'
import { judgeBy } from './rest/index.ts'
import type { Search } from './search/index.ts'

const folder = join(import.meta.dirname, '..', 'profiles', 'lamplight', 'policies')

/** Throws PolicyFault. */
export const readPolicies = (definitions: Definitions, search: Search): Promise<Policies> =>
  loadPolicies(folder, typeGroups(definitions), judgeBy(search))
