/** Whom and what an app can be about: found as the person who is signed in would find it. */
import type { Ctx } from '../../access/ctx.ts'
import type { Account } from '../accounts.ts'

/** `id` of a resource, `label` for a person. */
export type Choice = { readonly id: string; readonly label: string }

export type Choices = {
  /** A patient's own, or who is cared for; for staff, whom a search for `text` finds. At most 20. */
  patients(ctx: Ctx, account: Account, text: string): Promise<readonly Choice[]>
  /** Undefined when there is none, or the person may not see it. */
  patient(ctx: Ctx, account: Account, id: string): Promise<Choice | undefined>
  /** Newest first, at most 20. */
  encounters(ctx: Ctx, account: Account, patient: string): Promise<readonly Choice[]>
}

/** Whether the account is a patient's or of somebody who cares for one: there is nobody to search for then. */
export const hasOwnPatients = ({ fhirUser }: Account): boolean =>
  fhirUser?.startsWith('Patient/') === true || fhirUser?.startsWith('RelatedPerson/') === true
