/** Answers of validation's questions about codes: from memory at once, from the database for all in one round trip. */
import { rememberedOfThree } from '../base/remembered.ts'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import { type Absent, type Composition, composeCanonical, composeResource } from './composition.ts'
import type { ConceptSource } from './concept-source.ts'
import { contains, findIn, nameAndVersion, type Verdict } from './contains.ts'
import { type Entry, enumerate } from './enumerate.ts'
import { createFacts, type Facts } from './facts.ts'
import type { CodeQuestion, Membership, MembershipTest } from './model.ts'
import { type Scope, scopeOf, systemOf } from './scope.ts'
import type { StoredSystem } from './system.ts'

const nothingStored: readonly StoredSystem[] = []

/** For one tenant; what the database has is asked anew with every question, as systems are loaded while the server runs. */
export const createMembershipTest = (
  canonicals: Canonicals,
  source: ConceptSource | undefined,
  tenant: number,
): MembershipTest => {
  let last: readonly StoredSystem[] | undefined
  let scope: Scope | undefined
  let answers: Answers | undefined
  return {
    now: (question) => {
      const known = source?.known(tenant)
      const stored = known ?? nothingStored
      if (!scope || !answers || stored !== last) {
        scope = scopeOf(canonicals, stored)
        answers = answersOf(scope)
        last = stored
      }
      const answer = answers.now(question)
      // What is missing in memory may be in the database.
      return answer?.result === 'unknown' && source && !known ? undefined : answer
    },
    ask: async (questions) => {
      const full = scopeOf(canonicals, source ? await source.systems(tenant) : nothingStored)
      const facts = createFacts()
      let answers = questions.map((question) => answerOf(full, question, facts))
      // Once, but for what names itself a code to be looked up.
      while (source && (await facts.fetch(source)))
        answers = questions.map((question) => answerOf(full, question, facts))
      return answers.map((answer) => {
        if (!answer) throw new Error('a question about a code was not answered')
        return answer
      })
    },
  }
}

/** What memory alone can answer. */
const noFacts: Facts = { find: () => undefined, learn: () => {}, fetch: async () => false }

/** What memory says of codes, remembered: it depends on nothing but the scope. */
type Answers = { now(question: CodeQuestion): Membership | undefined }

const remembering = new WeakMap<Scope, Answers>()

const answersOf = (scope: Scope): Answers => {
  const known = remembering.get(scope)
  if (known) return known
  const made = createAnswers(scope)
  remembering.set(scope, made)
  return made
}

/** Answers and names that are remembered for a scope; longer names are not. */
const bounds = { most: 10_000, longest: 400 }

/** Whether it asks by nothing but names: empty ones would be taken for absent ones. */
const isPlain = ({ valueSet, inline, value: { system, version } }: CodeQuestion): boolean =>
  inline === undefined && version === undefined && valueSet !== '' && system !== ''

const createAnswers = (scope: Scope): Answers => {
  const answering = (inferSystem: boolean) =>
    rememberedOfThree((valueSet: string, system: string, code: string) => {
      const named = { ...(valueSet === '' ? {} : { valueSet }), inferSystem }
      const value = { ...(system === '' ? {} : { system }), code }
      // That memory cannot tell is an answer, too.
      return { answer: answerOf(scope, { ...named, value }, noFacts) }
    }, bounds)
  const [coded, bare] = [answering(false), answering(true)]
  return {
    now: (question) => {
      const { valueSet = '', value, inferSystem } = question
      if (!isPlain(question)) return answerOf(scope, question, noFacts)
      const { answer } = inferSystem
        ? bare(valueSet, value.system ?? '', value.code)
        : coded(valueSet, value.system ?? '', value.code)
      return answer
    },
  }
}

const answerOf = (scope: Scope, question: CodeQuestion, facts: Facts): Membership | undefined => {
  const { valueSet, value } = question
  if (valueSet === undefined) return inSystem(scope, question, facts)
  if (question.inline) return judge(question, valueSet, composeResource(scope, question.inline), facts)
  const table = tableOf(scope, valueSet)
  if (table) {
    const known = question.inferSystem
      ? table.byCode.get(value.code)
      : table.bySystem.get(value.system ?? '')?.get(value.code)
    // A version that was sent must be the one that is meant.
    if (known && value.version === undefined) return known
  }
  return judge(question, valueSet, composeCanonical(scope, valueSet), facts)
}

/** Answers that are the same for every question, by code. */
type Table = {
  readonly bySystem: ReadonlyMap<string, ReadonlyMap<string, Membership>>
  readonly byCode: ReadonlyMap<string, Membership>
}

const tables = new WeakMap<Scope, Map<string, Table | undefined>>()

const tableOf = (scope: Scope, canonical: string): Table | undefined => {
  const known = tables.get(scope) ?? new Map<string, Table | undefined>()
  tables.set(scope, known)
  const done = known.get(canonical)
  if (done || known.has(canonical)) return done
  const composition = composeCanonical(scope, canonical)
  const entries = enumerate(composition)
  const made = entries && buildTable(entries)
  if (composition.kind === 'composition') known.set(canonical, made)
  return made
}

const buildTable = (entries: readonly Entry[]): Table => {
  const bySystem = new Map<string, Map<string, Membership>>()
  const byCode = new Map<string, Membership>()
  for (const entry of entries) {
    const answer = yes(entry)
    const codes = bySystem.get(entry.system.url) ?? new Map<string, Membership>()
    bySystem.set(entry.system.url, codes)
    codes.set(entry.code, answer)
    if (!byCode.has(entry.code)) byCode.set(entry.code, answer)
  }
  return { bySystem, byCode }
}

/** Displays are those of the value set and of the system, in any language. */
const yes = ({ concept, listed }: Pick<Entry, 'concept' | 'listed'>): Membership => {
  const display = listed?.display ?? concept?.display
  const displays = [
    listed?.display,
    concept?.display,
    ...[...(listed?.designations ?? []), ...(concept?.designations ?? [])].map(({ value }) => value),
  ].filter((text) => text !== undefined)
  return Object.freeze({
    result: 'yes',
    ...(display === undefined ? {} : { display }),
    ...(displays.length > 0 ? { displays: [...new Set(displays)] } : {}),
    ...(concept?.inactive ? { inactive: true } : {}),
  })
}

const judge = (
  { value, inferSystem }: CodeQuestion,
  canonical: string,
  composition: Composition | Absent,
  facts: Facts,
): Membership | undefined => {
  const systems = inferSystem ? systemsOf(composition) : value.system === undefined ? [] : [value.system]
  if (composition.kind === 'absent') return { result: 'unknown', reason: composition.reason }
  if (systems.length === 0 && !inferSystem)
    return { result: 'no', reason: `Without a system it cannot be in the value set ${canonical}.` }
  let last: Verdict = { result: 'no' }
  for (const system of systems) {
    const verdict = contains(composition, system, value.code, facts)
    if (verdict.result === 'yes') return checkVersion(verdict, value.version)
    if (last.result === 'no' || verdict.result === 'ask') last = verdict
  }
  if (last.result === 'ask') return undefined
  if (last.result === 'unknown') return last
  const detail = last.result === 'no' && last.reason !== undefined ? ` ${last.reason}` : ''
  const said = inferSystem ? `"${value.code}"` : `"${value.code}" of ${value.system}`
  return { result: 'no', reason: `The value set ${canonical} has no code ${said}.${detail}` }
}

const checkVersion = (
  verdict: Extract<Verdict, { result: 'yes' }>,
  version: string | undefined,
): Membership => {
  const { system } = verdict
  if (version === undefined || system.kind === 'missing' || system.version === undefined) return yes(verdict)
  if (system.version === version || system.version.startsWith(`${version}.`)) return yes(verdict)
  return {
    result: 'unknown',
    reason: `The code is from version ${version} of ${system.url}; version ${system.version} is here.`,
  }
}

/** The systems that a value set takes codes from. */
export const systemsOf = (composition: Composition | Absent): readonly string[] => {
  const found = new Set<string>()
  const visit = (one: Composition | Absent): void => {
    if (one.kind === 'absent') return
    for (const part of one.include) {
      if (part.system) found.add(part.system.url)
      else part.valueSets.forEach(visit)
    }
  }
  visit(composition)
  return [...found]
}

/** Without a value set: whether the system has the code. */
const inSystem = (scope: Scope, { value }: CodeQuestion, facts: Facts): Membership | undefined => {
  if (value.system === undefined)
    return { result: 'unknown', reason: `The code "${value.code}" has no system to look it up in.` }
  const system = systemOf(scope, value.system, value.version)
  if (system.kind === 'missing') return { result: 'unknown', reason: system.reason }
  const found = findIn(system, value.code, facts)
  if (found.result === 'ask') return undefined
  if (found.result === 'yes') return yes(found)
  return found.result === 'no'
    ? { result: 'no', reason: found.reason ?? `${nameAndVersion(system)} has no code "${value.code}".` }
    : found
}
