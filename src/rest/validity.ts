/** Asks the validator, and the database for what the validator cannot know: http://hl7.org/fhir/R4/validation.html */
import type { Ctx } from '../access/ctx.ts'
import { instant } from '../base/instant.ts'
import { hasErrors, type Issue } from '../base/issue.ts'
import { Problem } from '../base/problem.ts'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import type { JsonText } from '../fhir/json/read.ts'
import type { MembershipTest } from '../terminology/model.ts'
import { createValidator, type TreeCache, type Validator } from '../validation/index.ts'
import type { OpenReference, Validated, ValidationOptions } from '../validation/model.ts'

/** What an operator sets: how strict, and profiles that every resource of a type must meet. */
export type ValiditySettings = Omit<ValidationOptions, 'profiles' | 'now'> & {
  readonly enforced: ReadonlyMap<string, readonly string[]>
}

/** How the resources of one tenant are judged. */
export type Judge = {
  readonly settings: ValiditySettings
  readonly validator: Validator
  readonly membership: MembershipTest
  /** When the judgement is made, as an instant. */
  readonly now: string
}

/** How resources are judged for whoever asks. */
export type Validity = (ctx: Ctx) => Judge

type Parts = {
  readonly definitions: Definitions
  readonly canonicals: (tenant: number) => Canonicals
  readonly membership: (tenant: number, canonicals: Canonicals) => MembershipTest
  readonly settings: (tenant: number) => ValiditySettings
}

/** A validator is made once for a tenant's definitions; what it compiles is shared by all tenants. */
export const createValidity = ({ definitions, canonicals, membership, settings }: Parts): Validity => {
  const judges = new WeakMap<Canonicals, Map<number, Pick<Judge, 'validator' | 'membership'>>>()
  const trees: TreeCache = new WeakMap()
  const judgeOf = (tenant: number, known: Canonicals): Pick<Judge, 'validator' | 'membership'> => {
    const ofTenants = judges.get(known) ?? new Map<number, Pick<Judge, 'validator' | 'membership'>>()
    judges.set(known, ofTenants)
    const found = ofTenants.get(tenant)
    if (found) return found
    const member = membership(tenant, known)
    const validator = createValidator({ definitions, canonicals: known, membership: member, trees })
    const made = { validator, membership: member }
    ofTenants.set(tenant, made)
    return made
  }
  return ({ tenant, at }) => ({
    ...judgeOf(tenant, canonicals(tenant)),
    settings: settings(tenant),
    now: instant(at),
  })
}

export type Question = {
  readonly type: string
  readonly json: JsonText
  /** Canonicals to hold beside those of meta.profile. */
  readonly profiles?: readonly string[]
  /** Whether the structure was checked already. */
  readonly isSound?: boolean
}

/** Findings, and the references whose targets must meet a profile. */
export type Judgement = { readonly issues: readonly Issue[]; readonly references: readonly OpenReference[] }

/** What the validator finds, with what is open. */
export const validateOne = (
  { validator, settings, now }: Judge,
  { type, json, profiles = [], isSound = false }: Question,
): Validated =>
  validator.validate(
    type,
    json.value,
    { ...settings, now, profiles: [...(settings.enforced.get(type) ?? []), ...profiles] },
    json.text,
    isSound,
  )

/** All findings about each resource. */
export const judgeAll = (
  judge: Judge,
  questions: readonly Question[],
): readonly Judgement[] | Promise<readonly Judgement[]> =>
  settleCodes(
    judge,
    questions.map((question) => validateOne(judge, question)),
  )

/** Asks the database, once for all and only when a code needs it. */
export const settleCodes = (
  judge: Judge,
  found: readonly Validated[],
): readonly Judgement[] | Promise<readonly Judgement[]> =>
  found.every(({ codes }) => codes.length === 0) ? found : ask(judge, found)

const ask = async (judge: Judge, found: readonly Validated[]): Promise<readonly Judgement[]> => {
  const open = found.flatMap(({ codes }, index) => codes.map((code) => ({ index, code })))
  const answers = await judge.membership.ask(open.map(({ code }) => code.question))
  const more = found.map((): Issue[] => [])
  open.forEach(({ index, code }, n) => {
    more[index]!.push(...code.judge(answers[n]!))
  })
  return found.map(({ issues, references }, index) => ({ issues: [...issues, ...more[index]!], references }))
}

/** The refusal of content that breaks a rule, with all findings; undefined when it may be written. */
const refusal = ({ issues }: Judgement): Problem | undefined =>
  hasErrors(issues) ? new Problem(422, issues) : undefined

/** The findings about what may be written. Throws 422 with all of them when one is an error. */
export const accepted = (judgement: Judgement): readonly Issue[] => {
  const problem = refusal(judgement)
  if (problem) throw problem
  return judgement.issues
}

/** The findings about a resource that is to be written. Throws 422. */
export const findingsOf = (
  validity: Validity | undefined,
  ctx: Ctx,
  question: Question,
): readonly Issue[] | Promise<readonly Issue[]> => {
  if (!validity) return []
  const judged = judgeAll(validity(ctx), [question])
  return judged instanceof Promise ? judged.then(([first]) => accepted(first!)) : accepted(judged[0]!)
}
