/** Rules of resource types that their definitions state in words only. */
import type { JsonObject } from '../../fhir/json/value.ts'
import { bundleRule } from './bundle.ts'
import {
  capabilityRule,
  codeSystemRule,
  searchParameterRule,
  structureDefinitionRule,
  valueSetRule,
} from './definitional.ts'
import type { Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { questionnaireRule } from './questionnaire.ts'
import { responseRule } from './questionnaire-response.ts'

export type ResourceRule = (resource: JsonObject, place: Place, run: Judgement) => void

/** By type. */
export const resourceRules: Readonly<Record<string, ResourceRule>> = {
  Bundle: bundleRule,
  CapabilityStatement: capabilityRule,
  CodeSystem: codeSystemRule,
  Questionnaire: questionnaireRule,
  QuestionnaireResponse: responseRule,
  SearchParameter: searchParameterRule,
  StructureDefinition: structureDefinitionRule,
  ValueSet: valueSetRule,
}
