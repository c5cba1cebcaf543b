/** Rules of data types that their definitions state in words only: http://hl7.org/fhir/R4/datatypes.html */
import { attachmentRule } from './attachment.ts'
import { codingRule, quantityRule } from './coded.ts'
import type { Check } from './kinds.ts'

/** By type. */
export const typeRules: Readonly<Record<string, Check>> = {
  Attachment: attachmentRule,
  Coding: codingRule,
  Quantity: quantityRule,
}
