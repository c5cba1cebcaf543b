/** The searches that a hospital's systems ask all day, with values drawn from what is stored. */
import pg from 'pg'
import type { EmbeddedConnection } from '../../src/store/embedded/start.ts'

/** `next` gives a query relative to the base: `Patient?name=ann`. */
export type Workload = { readonly name: string; readonly next: () => string }

type Row = { readonly [column: string]: string }

const cycle = (rows: readonly Row[]): (() => Row) => {
  let n = 0
  return () => rows[n++ % rows.length]!
}

const select = async (connection: EmbeddedConnection, text: string): Promise<() => Row> => {
  const client = new pg.Client(connection)
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  if (rows.length === 0) throw new Error(`nothing to draw values from:\n${text}`)
  return cycle(rows)
}

const token = (system: string | undefined, code: string | undefined): string =>
  encodeURIComponent(`${system ?? ''}|${code ?? ''}`)

/** Codes of Observations around a rank of frequency: 0 the most frequent. */
const codes = (from: number, count: number): string => `
  select content#>>'{code,coding,0,system}' as system, content#>>'{code,coding,0,code}' as code
  from fhir.observation group by 1, 2 having content#>>'{code,coding,0,code}' is not null
  order by count(*) desc, 2 offset ${from} limit ${count}`

const distinctCodes = `
  select count(*)::text as n from (
    select distinct content#>>'{code,coding,0,code}' from fhir.observation) c`

type SearchBundle = { readonly link: readonly { readonly relation: string; readonly url: string }[] }

/** The pages behind the fiftieth of a search, as a client comes to them by the links. */
const deepPages = async (url: URL, query: string): Promise<() => string> => {
  const pages: string[] = []
  let next: string | undefined = new URL(`/fhir/${query}`, url).href
  for (let n = 0; next !== undefined && n < 60; n++) {
    if (n >= 50) pages.push(next.slice(next.indexOf('/fhir/') + 6))
    const page = (await (await fetch(next)).json()) as SearchBundle
    next = page.link.find(({ relation }) => relation === 'next')?.url
  }
  if (pages.length === 0) throw new Error(`${query} has fewer than fifty pages`)
  let n = 0
  return () => pages[n++ % pages.length]!
}

/** Draws the values and makes the list; `url` is the server's, for what only its answers tell. */
export const searchWorkloads = async (connection: EmbeddedConnection, url: URL): Promise<Workload[]> => {
  const from = (text: string) => select(connection, text)
  const people = await from(`
    select id, content#>>'{name,0,family}' as family, content#>>'{name,0,given,0}' as given,
      content->>'birthDate' as birthdate, content->>'gender' as gender,
      content#>>'{identifier,0,system}' as system, content#>>'{identifier,0,value}' as value
    from fhir.patient where content#>>'{name,0,family}' is not null order by md5(id) limit 500`)
  const distinct = Number((await from(distinctCodes))().n)
  const common = await from(codes(0, 3))
  const middling = await from(codes(Math.floor(distinct / 2), 3))
  const rare = await from(codes(distinct - 3, 3))
  const quantities = await from(`
    select content#>>'{code,coding,0,system}' as system, content#>>'{code,coding,0,code}' as code,
      percentile_cont(0.95) within group (order by (content#>>'{valueQuantity,value}')::numeric)::text as high
    from fhir.observation where content ? 'valueQuantity' group by 1, 2 order by count(*) desc limit 5`)
  const problems = await from(`
    select content#>>'{subject,reference}' as patient, content#>>'{code,coding,0,system}' as system,
      content#>>'{code,coding,0,code}' as code
    from fhir.condition order by md5(id) limit 500`)
  const days = await from(`
    select left(content->>'effectiveDateTime', 10) as day from fhir.observation
    where content ? 'effectiveDateTime' order by md5(id) limit 500`)
  const doctors = await from(`
    select content#>>'{name,0,family}' as family from fhir.practitioner order by md5(id) limit 50`)
  const of = (name: string, next: () => string): Workload => ({ name, next })
  const byCode = (name: string, draw: () => Row): Workload =>
    of(`Observation?code= (${name})&_sort=-date`, () => {
      const { system, code } = draw()
      return `Observation?code=${token(system, code)}&_sort=-date`
    })
  return [
    of('Patient?name=', () => `Patient?name=${encodeURIComponent(people().family!.slice(0, 4))}`),
    of('Patient?birthdate=&gender=', () => {
      const { birthdate, gender } = people()
      return `Patient?birthdate=${birthdate}&gender=${gender}`
    }),
    of('Patient?identifier=', () => {
      const { system, value } = people()
      return `Patient?identifier=${token(system, value)}`
    }),
    of(
      'Patient?name:contains=',
      () => `Patient?name:contains=${encodeURIComponent(people().family!.slice(1, 5))}`,
    ),
    of(
      'Observation?patient=&category=&_sort=-date',
      () => `Observation?patient=${people().id}&category=vital-signs&_sort=-date`,
    ),
    byCode('common', common),
    byCode('middling', middling),
    byCode('rare', rare),
    of('Observation?code=&value-quantity=gt', () => {
      const { system, code, high } = quantities()
      return `Observation?code=${token(system, code)}&value-quantity=gt${high}`
    }),
    of('Observation?code-value-quantity=', () => {
      const { system, code, high } = quantities()
      return `Observation?code-value-quantity=${encodeURIComponent(`${system}|${code}$gt${high}`)}`
    }),
    of('Observation?date=', () => `Observation?date=${days().day}`),
    of('Observation?date=ge&date=lt', () => {
      const { day } = days()
      return `Observation?date=ge${day!.slice(0, 7)}&date=lt${Number(day!.slice(0, 4)) + 1}&_sort=-date`
    }),
    of('Observation?combo-code=', () => `Observation?combo-code=${token('http://loinc.org', '8480-6')}`),
    of(
      'Observation?component-code-value-quantity=',
      () =>
        `Observation?component-code-value-quantity=${encodeURIComponent('http://loinc.org|8480-6$gt150')}`,
    ),
    of('Observation?component-code=&component-value-quantity=', () => {
      const { system, code } = { system: 'http://loinc.org', code: '8480-6' }
      return `Observation?component-code=${token(system, code)}&component-value-quantity=gt150`
    }),
    of('Condition?patient=&code=', () => {
      const { patient, system, code } = problems()
      return `Condition?patient=${patient}&code=${token(system, code)}`
    }),
    of('Encounter?patient=&date=', () => `Encounter?patient=${people().id}&date=ge2020`),
    of(
      'MedicationRequest?patient=&_include=',
      () =>
        `MedicationRequest?patient=${people().id}&_include=MedicationRequest:requester&_include=MedicationRequest:encounter`,
    ),
    of(
      'Patient?_id=&_revinclude=',
      () => `Patient?_id=${people().id}&_revinclude=Condition:patient&_revinclude=Encounter:patient`,
    ),
    of('Condition?patient.name=', () => `Condition?patient.name=${encodeURIComponent(people().family!)}`),
    of('Observation?patient.identifier=', () => {
      const { system, value } = people()
      return `Observation?patient.identifier=${token(system, value)}`
    }),
    of(
      'Condition?encounter.participant.family=',
      () => `Condition?encounter.participant:Practitioner.family=${encodeURIComponent(doctors().family!)}`,
    ),
    of('Patient?_has:Condition:patient:code=', () => {
      const { system, code } = problems()
      return `Patient?_has:Condition:patient:code=${token(system, code)}`
    }),
    of('Patient?_has:Encounter:patient:_has:Condition:encounter:code=', () => {
      const { system, code } = problems()
      return `Patient?_has:Encounter:patient:_has:Condition:encounter:code=${token(system, code)}`
    }),
    of('Patient?_content=', () => `Patient?_content=${encodeURIComponent(people().family!)}`),
    of('Condition?code=&_summary=count', () => {
      const { system, code } = problems()
      return `Condition?code=${token(system, code)}&_summary=count`
    }),
    of('deep pages of Encounter', await deepPages(url, 'Encounter?_count=50')),
    of('deep pages of Observation?_sort=-date', await deepPages(url, 'Observation?_sort=-date&_count=50')),
    of(
      'deep pages of Observation?code=&_sort=-date',
      await deepPages(url, `Observation?code=${token('http://loinc.org', '8867-4')}&_sort=-date`),
    ),
    of(
      'deep pages of Observation?category=&status=',
      await deepPages(url, 'Observation?category=laboratory&status=final&_count=50'),
    ),
  ]
}
