/** Refuses content that breaks a rule of R4 or of a profile: http://hl7.org/fhir/R4/validation.html */
import type { Issue } from '../../base/issue.ts'
import type { Step } from '../step.ts'
import type { Turn } from '../turn.ts'
import { findingsOf } from '../validity.ts'

export const validate: Step = (house, ctx, turn) => {
  const findings = findingsOf(house.validity, ctx, { type: turn.request.type ?? '', json: turn.json! })
  return findings instanceof Promise ? findings.then((all) => noted(turn, all)) : noted(turn, findings)
}

const noted = (turn: Turn, findings: readonly Issue[]): Turn =>
  findings.length === 0 ? turn : { ...turn, findings }
