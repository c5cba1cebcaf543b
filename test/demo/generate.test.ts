import { createHash } from 'node:crypto'
import type { Bundle } from 'fhir/r4.js'
import t from 'tap'
import { createGenerator, defaultDay, generatePatientBundle } from '../../src/demo/generate.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { createStructure } from '../../src/validation/structure.ts'
import { namesIn, ofType, references, resourcesOf } from './record.ts'

const patients = 400
const generator = createGenerator(1)
const hospital = [...generator.hospitalBundles()]
const records = Array.from({ length: patients }, (_, i) => generator.patientBundle(i))
const all = [...hospital, ...records]

const digest = (bundles: Iterable<Bundle>): string => {
  const hash = createHash('sha256')
  for (const bundle of bundles) hash.update(JSON.stringify(bundle))
  return hash.digest('hex')
}

t.test('the same seed gives the same bytes, in any order', async (t) => {
  const again = createGenerator(1)
  const backwards = Array.from({ length: 40 }, (_, i) => again.patientBundle(39 - i)).reverse()
  t.equal(digest(backwards), digest(records.slice(0, 40)))
  t.equal(digest(again.hospitalBundles()), digest(hospital))
  t.equal(digest([generatePatientBundle(1, 7)]), digest([records[7]!]))
})

t.test('another seed or another day gives another hospital', async (t) => {
  t.not(digest([createGenerator(2).patientBundle(0)]), digest([records[0]!]))
  t.not(digest([createGenerator(1, '2025-01-31').patientBundle(0)]), digest([records[0]!]))
})

t.test('every entry is an update under its own id', async (t) => {
  const seen = new Set<string>()
  for (const bundle of all) {
    for (const { fullUrl, request, resource } of bundle.entry!) {
      const url = `${resource!.resourceType}/${resource!.id}`
      if (request?.method !== 'PUT' || request.url !== url) t.fail(`${url} is not an update`)
      if (fullUrl !== undefined && fullUrl !== `urn:uuid:${resource!.id}`) t.fail(`${url} has ${fullUrl}`)
      if (seen.has(url)) t.fail(`${url} stands twice`)
      seen.add(url)
    }
  }
  t.pass('all of them')
})

t.test('every reference leads into the same Bundle or to the hospital', async (t) => {
  const house = new Set(hospital.flatMap(namesIn))
  for (const bundle of all) {
    const known = new Set(namesIn(bundle))
    for (const reference of references(bundle.entry)) {
      if (!known.has(reference) && !house.has(reference)) t.fail(`${reference} leads nowhere`)
    }
  }
  t.pass('all of them')
})

t.test('the structure of every resource is that of the specification', async (t) => {
  const structure = createStructure(await loadDefinitions(undefined))
  for (const bundle of all) {
    for (const resource of resourcesOf(bundle)) {
      const issues = structure.explain(JSON.parse(JSON.stringify(resource)) as JsonObject)
      if (issues.length > 0) t.fail(`${resource.resourceType}: ${issues[0]!.diagnostics}`, { issues })
    }
  }
  t.pass('all of them')
})

t.test('a record has the size that we say', async (t) => {
  const resources = records.reduce((sum, b) => sum + b.entry!.length, 0)
  const bytes = records.reduce((sum, b) => sum + JSON.stringify(b).length, 0)
  t.ok(resources / patients > 60 && resources / patients < 190, `${resources / patients} resources a patient`)
  t.ok(bytes / resources > 900 && bytes / resources < 1500, `${bytes / resources} bytes a resource`)
})

t.test('nothing happens before birth, after death, or in the future but what is booked', async (t) => {
  for (const bundle of records) {
    const [patient] = ofType(bundle, 'Patient')
    const last = patient!.deceasedDateTime ?? `${defaultDay}T08:00:00-05:00`
    const judge = (what: string, at: string | undefined): void => {
      if (at !== undefined && (at < patient!.birthDate! || at > last))
        t.fail(`${what} at ${at}, ${patient!.id}`)
    }
    for (const o of ofType(bundle, 'Observation')) judge('Observation', o.effectiveDateTime)
    for (const e of ofType(bundle, 'Encounter')) judge('Encounter', e.period!.start)
    for (const e of ofType(bundle, 'Encounter')) judge('Encounter', e.period!.end)
    for (const c of ofType(bundle, 'Condition')) judge('Condition', c.recordedDate)
    for (const i of ofType(bundle, 'Immunization')) judge('Immunization', i.occurrenceDateTime)
    for (const m of ofType(bundle, 'MedicationRequest')) judge('MedicationRequest', m.authoredOn)
    for (const r of ofType(bundle, 'DiagnosticReport')) judge('DiagnosticReport', r.issued)
    for (const p of ofType(bundle, 'Procedure')) judge('Procedure', p.performedPeriod!.end)
    for (const a of ofType(bundle, 'AllergyIntolerance')) judge('AllergyIntolerance', a.recordedDate)
    for (const a of ofType(bundle, 'Appointment')) {
      if (a.status === 'booked' ? a.start! <= last : a.start! > last) t.fail(`${a.status} at ${a.start}`)
    }
    if (patient!.deceasedDateTime && ofType(bundle, 'Slot').length > 0)
      t.fail('the dead book no appointments')
  }
  t.pass('all of them')
})

t.test('measurements and results lie within their visit', async (t) => {
  for (const bundle of records) {
    const visits = new Map(ofType(bundle, 'Encounter').map((e) => [`urn:uuid:${e.id}`, e.period!]))
    for (const o of [...ofType(bundle, 'Observation'), ...ofType(bundle, 'DiagnosticReport')]) {
      const { start, end } = visits.get(o.encounter!.reference!)!
      const at = o.effectiveDateTime!
      if (at < start! || (end !== undefined && at > end))
        t.fail(`${o.resourceType} at ${at}, visit ${start}–${end}`)
    }
    const periods = [...visits.values()].sort((a, b) => (a.start! < b.start! ? -1 : 1))
    for (const [i, { start }] of periods.entries()) {
      const before = periods[i - 1]
      if (before !== undefined && !(before.end! <= start!)) t.fail(`two visits at ${start}`)
    }
  }
  t.pass('all of them')
})

t.test('no two people share a bed or a slot', async (t) => {
  const taken = new Set<string>()
  let lying = 0
  for (const bundle of records) {
    for (const e of ofType(bundle, 'Encounter').filter((e) => e.status === 'in-progress')) {
      lying++
      const bed = e.location![1]!.location.reference!
      if (taken.has(bed)) t.fail(`${bed} is taken twice`)
      taken.add(bed)
    }
    for (const slot of ofType(bundle, 'Slot')) {
      const key = `${slot.schedule.reference} ${slot.start}`
      if (taken.has(key)) t.fail(`${key} is taken twice`)
      taken.add(key)
    }
  }
  t.ok(lying > 10, `${lying} patients are in the wards`)
})

t.test('a large hospital fills up and still gives nobody the bed of another', async (t) => {
  const { createHospital, currentBed, bedPart, familyDoctorOf, keptSlot } = await import(
    '../../src/demo/hospital.ts'
  )
  const plan = createHospital(3, Date.UTC(2026, 10, 2, 8))
  const beds = new Set<string>()
  const slots = new Set<string>()
  let lying = 0
  for (let i = 0; i < 20_000; i++) {
    const bed = currentBed(plan, i)
    if (bed !== undefined) {
      lying++
      beds.add(bedPart(bed))
    }
    slots.add(`${familyDoctorOf(plan, i).id} ${keptSlot(plan, i)}`)
  }
  t.equal(beds.size, lying)
  t.ok(lying > 240 && lying <= 320, `${lying} of 320 beds are taken`)
  t.equal(slots.size, 20_000)
})

t.test('illness, medicines and values belong together', async (t) => {
  const sexes = { male: /breast|osteoporosis|pregnancy/i, female: /prostat/i }
  const means = { with: [0, 0], without: [0, 0] }
  for (const bundle of records) {
    const [patient] = ofType(bundle, 'Patient')
    const names = ofType(bundle, 'Condition').map((c) => c.code!.text!)
    const wrong = names.find((name) => sexes[patient!.gender as 'male' | 'female'].test(name))
    if (wrong !== undefined) t.fail(`${patient!.gender} with ${wrong}`)
    const side = names.includes('Type 2 diabetes mellitus') ? means.with : means.without
    for (const o of ofType(bundle, 'Observation')) {
      if (o.code.coding![0]!.code !== '2345-7') continue
      side[0]! += o.valueQuantity!.value!
      side[1]! += 1
    }
    const avoids = ofType(bundle, 'AllergyIntolerance').some((a) =>
      /penicillin/.test(a.code!.coding![0]!.display!),
    )
    for (const m of ofType(bundle, 'MedicationRequest')) {
      const name = m.medicationCodeableConcept!.text!
      if (avoids && /amoxicillin/.test(name)) t.fail(`${name} in spite of an allergy to penicillin`)
      if (/metformin/.test(name) && !names.includes('Type 2 diabetes mellitus'))
        t.fail('metformin without diabetes')
    }
  }
  const [ill, well] = [means.with[0]! / means.with[1]!, means.without[0]! / means.without[1]!]
  t.ok(ill > well + 25, `glucose is ${ill} with diabetes and ${well} without`)
})

t.test('the body mass index follows from weight and height', async (t) => {
  for (const bundle of records) {
    const at = new Map<string, Record<string, number>>()
    for (const o of ofType(bundle, 'Observation')) {
      const values = at.get(o.effectiveDateTime!) ?? {}
      values[o.code.coding![0]!.code!] = o.valueQuantity?.value ?? Number.NaN
      at.set(o.effectiveDateTime!, values)
    }
    for (const { '39156-5': index, '29463-7': kg = 0, '8302-2': cm = 0 } of at.values()) {
      if (index !== undefined && Math.abs(index - kg / (cm / 100) ** 2) > 0.06)
        t.fail(`${index} from ${kg} and ${cm}`)
    }
  }
  t.pass('all of them')
})

t.test('a few are very ill, most are not, and names come in several scripts', async (t) => {
  const sizes = records.map((b) => b.entry!.length).sort((a, b) => a - b)
  t.ok(sizes.at(-1)! > 5 * sizes[sizes.length / 2]!, `from ${sizes[0]} to ${sizes.at(-1)}`)
  const names = records.flatMap((b) => ofType(b, 'Patient').flatMap((p) => p.name!.map((n) => n.text!)))
  for (const script of [/\p{Script=Han}/u, /\p{Script=Arabic}/u, /\p{Script=Cyrillic}/u, /[éñüłğ]/]) {
    t.ok(
      names.some((name) => script.test(name)),
      String(script),
    )
  }
})
