/** What the benchmark loads: Synthea's patients where they lie beside the project, else our own generator's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { createGenerator } from '../../src/demo/generate.ts'

export type BenchData = {
  readonly source: string
  /** Posted first, one after the other. */
  readonly ground: readonly string[]
  /** Transactions that do not depend on each other. */
  readonly bundles: readonly string[]
  readonly resources: number
}

const folder = new URL('../../../shared/data/synthea/', import.meta.url)

const count = (text: string): number => (JSON.parse(text) as { entry: unknown[] }).entry.length

const synthea = (): BenchData => {
  const bundles = readdirSync(folder)
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
    .map((name) => gunzipSync(readFileSync(new URL(name, folder))).toString('utf8'))
  return {
    source: `${bundles.length} Synthea patients`,
    ground: [],
    bundles,
    resources: bundles.reduce((n, b) => n + count(b), 0),
  }
}

const generated = (): BenchData => {
  const generator = createGenerator(1)
  const ground = [...generator.hospitalBundles()].map((bundle) => JSON.stringify(bundle))
  const bundles = Array.from({ length: 150 }, (_, n) => JSON.stringify(generator.patientBundle(n)))
  return {
    source: '150 generated patients',
    ground,
    bundles,
    resources: bundles.reduce((n, b) => n + count(b), 0),
  }
}

export const benchData = (): BenchData => (existsSync(folder) ? synthea() : generated())
