/** Moves a hospital from the generator into a sink, a few transactions at a time and never more than those in memory. */
import type { Bundle } from 'fhir/r4.js'
import type { DemoGenerator } from './generate.ts'
import type { Sink } from './send.ts'

export type Loaded = { readonly patients: number; readonly resources: number }

type Load = {
  readonly generator: DemoGenerator
  readonly sink: Sink
  readonly first: number
  readonly patients: number
  readonly concurrency: number
  /** Called after each transaction. */
  readonly onProgress: (loaded: Loaded) => void
}

/** The hospital first and in order, then the patients. Stops at the first refusal. */
export const load = async ({
  generator,
  sink,
  first,
  patients,
  concurrency,
  onProgress,
}: Load): Promise<Loaded> => {
  let loaded: Loaded = { patients: 0, resources: 0 }
  const deliver = async (name: string, bundle: Bundle, people: number): Promise<void> => {
    await sink.deliver(name, JSON.stringify(bundle))
    loaded = { patients: loaded.patients + people, resources: loaded.resources + bundle.entry!.length }
    onProgress(loaded)
  }
  let n = 0
  for (const bundle of generator.hospitalBundles()) await deliver(`hospital-${++n}`, bundle, 0)
  let next = first
  let stopped = false
  const work = async (): Promise<void> => {
    while (!stopped && next < first + patients) {
      const index = next++
      const name = `patient-${String(index + 1).padStart(7, '0')}`
      await deliver(name, generator.patientBundle(index), 1).catch((error: unknown) => {
        stopped = true
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return loaded
}
