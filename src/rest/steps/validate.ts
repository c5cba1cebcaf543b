/** Refuses content that breaks a rule of R4 or of a profile; its structure was checked when it was read: http://hl7.org/fhir/R4/validation.html */
import type { Issue } from '../../base/issue.ts'
import type { Step } from '../step.ts'
import type { Turn } from '../turn.ts'
import { findingsOf } from '../validity.ts'

export const validate: Step = (house, ctx, turn) => {
  const question = { type: turn.request.type ?? '', json: turn.json!, isSound: true }
  const findings = findingsOf(house.validity, ctx, question)
  return findings instanceof Promise ? findings.then((all) => noted(turn, all)) : noted(turn, findings)
}

const noted = (turn: Turn, findings: readonly Issue[]): Turn =>
  findings.length === 0 ? turn : { ...turn, findings }
