/** The operations that this server offers: one file of this folder each. http://hl7.org/fhir/R4/operationslist.html */
import { loadFolder } from '../../base/load-folder.ts'
import type { Operation } from '../operation.ts'

/** Imports every operation of the folder. */
export const loadOperations = (): Promise<readonly Operation[]> =>
  loadFolder<Operation>(new URL('.', import.meta.url), 'operation')
