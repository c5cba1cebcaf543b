/** Statements that write definitions tell so: other processes learn of it, and it counts. See decision 0018. */
import { definitionTypes } from '../fhir/definitions/posted.ts'
import { numberOf } from './key.ts'

const types: ReadonlySet<string> = new Set(definitionTypes)
const numbers = definitionTypes.map(numberOf).join(', ')

const call = 'definition_changed(tenant, type, id, json)'

/** What the insertion of a version of this type returns besides, and the end of such a statement's name. */
export const telling = (type: string): { readonly suffix: string; readonly text: string } =>
  types.has(type) ? told : silent

const told = { suffix: '_told', text: `, ${call}` }
const silent = { suffix: '', text: '' }

/** The same for versions of several types. */
export const tellingAmong = (all: readonly string[]): { readonly suffix: string; readonly text: string } =>
  all.some((type) => types.has(type)) ? toldAmong : silent

const toldAmong = { suffix: '_told', text: ` returning case when type in (${numbers}) then ${call} end` }
