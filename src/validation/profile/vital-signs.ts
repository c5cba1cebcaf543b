/** Observations with the codes of vital signs must conform to their profiles, named or not: http://hl7.org/fhir/R4/observation-vitalsigns.html */
import type { StructureDefinition } from 'fhir/r4.js'
import type { Issue } from '../../base/issue.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Judgement } from './kinds.ts'
import { coreUrl } from './kinds.ts'
import type { Place } from './place.ts'
import { isPlain } from './values.ts'

const loinc = 'http://loinc.org'

/** The table of that page. */
const profiles: ReadonlyMap<unknown, string> = new Map([
  ['85353-1', 'vitalspanel'],
  ['9279-1', 'resprate'],
  ['8867-4', 'heartrate'],
  ['2708-6', 'oxygensat'],
  ['8310-5', 'bodytemp'],
  ['8302-2', 'bodyheight'],
  ['9843-4', 'headcircum'],
  ['29463-7', 'bodyweight'],
  ['39156-5', 'bmi'],
  ['85354-9', 'bp'],
])

/**
 * `named`: the profiles that are judged anyhow. Refuses where the tenant is strict and where `$validate` asks; written
 * data that was recorded with another profile in mind is warned of.
 */
export const vitalSignRule = (
  observation: JsonObject,
  named: readonly string[],
  place: Place,
  run: Judgement,
): void => {
  const name = nameOf(observation)
  if (name === undefined) return
  const canonical = coreUrl + name
  if (named.some((one) => isBasedOn(one, canonical, run))) return
  const profile = run.registry.profile(canonical)
  if (!profile) return
  const trial = run.twin()
  profile.check(observation, undefined, place, trial)
  const told = ({ diagnostics, severity, ...rest }: Issue): Issue => ({
    ...rest,
    severity:
      severity === 'error' && !run.options.conclusive && run.options.mode !== 'strict' ? 'warning' : severity,
    diagnostics: `${diagnostics} The code is that of a vital sign, whose profile is ${canonical}.`,
  })
  for (const issue of trial.issues) run.add(told(issue))
  for (const { question, judge } of trial.codes)
    run.codes.push({ question, judge: (answer) => judge(answer).map(told) })
  run.references.push(...trial.references)
}

const nameOf = ({ code }: JsonObject): string | undefined => {
  if (!isPlain(code) || !Array.isArray(code.coding)) return undefined
  for (const coding of code.coding)
    if (isPlain(coding) && coding.system === loinc) {
      const name = profiles.get(coding.code)
      if (name !== undefined) return name
    }
  return undefined
}

const isBasedOn = (canonical: string, ancestor: string, run: Judgement): boolean => {
  const seen = new Set<string>()
  for (let at: string | undefined = canonical; at !== undefined && !seen.has(at); ) {
    const definition: StructureDefinition | undefined = run.registry.tree(at)?.definition
    if (definition?.url === ancestor) return true
    seen.add(at)
    at = definition?.baseDefinition
  }
  return false
}
