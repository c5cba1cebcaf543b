/** Judges resources by R4 and by profiles: http://hl7.org/fhir/R4/validation.html */
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import type { MembershipTest } from '../terminology/model.ts'
import { createInvariants } from './invariants/invariants.ts'
import type { Validated, ValidationOptions } from './model.ts'
import { rootPlace } from './profile/place.ts'
import { createRegistry, type TreeCache } from './profile/registry.ts'
import { checkResource } from './profile/resource.ts'
import { Run } from './profile/run.ts'
import { createStructure } from './structure.ts'
import { oddIntegers } from './whole-numbers.ts'

export { missingBase } from './profile/missing-base.ts'
export type { TreeCache } from './profile/registry.ts'

export type Validator = {
  /**
   * All findings. `text` is the resource as it was sent: only that tells integers from `1.0`. `isSound` when its
   * structure was checked already.
   */
  validate(
    type: string,
    resource: JsonObject,
    options: ValidationOptions,
    text?: string,
    isSound?: boolean,
  ): Validated
}

export type ValidatorParts = {
  readonly definitions: Definitions
  readonly canonicals: Canonicals
  readonly membership: MembershipTest
  /** Give the same to the validators of all tenants: definitions are then read once. */
  readonly trees?: TreeCache
}

/** For one tenant, as long as its canonicals are the same. */
export const createValidator = ({
  definitions,
  canonicals,
  membership,
  trees,
}: ValidatorParts): Validator => {
  const registry = createRegistry(
    definitions,
    canonicals,
    membership,
    trees ?? new WeakMap(),
    createInvariants(definitions),
  )
  const structure = createStructure(definitions)
  return {
    validate: (type, resource, options, text, isSound = false) => {
      const sound = isSound || structure.count(resource) >= 0
      const run = new Run(registry, options, { resource, root: resource }, sound)
      if (!sound) for (const found of structure.explain(resource)) run.add(found)
      if (options.mode !== 'off') checkResource(resource, rootPlace(type), run, options.profiles)
      if (sound && text !== undefined && (run.integers || options.mode === 'off'))
        for (const found of oddIntegers(text, definitions)) run.add(found)
      return { issues: run.issues, codes: run.codes, references: run.references }
    },
  }
}
