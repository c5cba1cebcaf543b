/** Code systems that people expect by name, and how each gets here when it is not: http://hl7.org/fhir/R4/terminologies-systems.html */

const load = (format: string): string => `load it with npm run terminology -- load ${format} PATH`

const table: Readonly<Record<string, readonly [name: string, help: string]>> = {
  'http://loinc.org': ['LOINC', load('loinc')],
  'http://snomed.info/sct': ['SNOMED CT', load('snomed')],
  'http://www.nlm.nih.gov/research/umls/rxnorm': ['RxNorm', load('rxnorm')],
  'http://hl7.org/fhir/sid/icd-10-cm': ['ICD-10-CM', load('icd-10-cm')],
  'http://hl7.org/fhir/sid/icd-10': ['ICD-10', load('csv')],
  'http://hl7.org/fhir/sid/icd-9-cm': ['ICD-9-CM', load('csv')],
  'http://hl7.org/fhir/sid/ndc': ['NDC', load('csv')],
  'http://hl7.org/fhir/sid/cvx': ['CVX', load('csv')],
  'http://www.ama-assn.org/go/cpt': ['CPT', load('csv')],
  'http://dicom.nema.org/resources/ontology/DCM': ['DICOM', load('csv')],
  'http://www.whocc.no/atc': ['ATC', load('csv')],
}

/** `LOINC is not loaded; load it with …`. */
export const notLoaded = (url: string, version?: string): string => {
  const [name, help] = (Object.hasOwn(table, url) ? table[url] : undefined) ?? [
    `The code system ${url}`,
    `post its CodeSystem, or ${load('codesystem')}`,
  ]
  return `${name}${version === undefined ? '' : ` in version ${version}`} is not loaded; ${help}.`
}

/** Systems whose codes only exist as a whole in the database: what packages say of them is not their content. */
export const nameOf = (url: string): string => (Object.hasOwn(table, url) ? table[url]![0] : url)
