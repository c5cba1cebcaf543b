/** What the command line of `npm run demo` means. */
import { parseArgs } from 'node:util'
import { defaultDay } from './generate.ts'
import { isDate } from './time.ts'

export type Options = {
  readonly patients: number
  readonly first: number
  readonly seed: number
  /** The day on which the records end, `2026-11-02`. */
  readonly now: string
  /** Without trailing slash. */
  readonly base: string
  readonly concurrency: number
  /** Access token of the server; got from the data folder when it is needed and not given. */
  readonly token?: string
  /** Folder to write to instead of a server. */
  readonly out?: string
}

export const help = `Fills a FHIR server with a synthetic hospital: organizations, wards and beds, staff and schedules,
and patients with years of visits, diagnoses, measurements, medicines, immunizations and bills.
The people are invented. The same options give the same data; a second run updates and does not add.

  npm run demo -- [options]

  --patients N      How many patients (default 100).
  --first N         Number of the first patient, counted from 0 (default 0): continues a series.
  --seed N          Which hospital, 0 to 4294967295 (default 1). Two seeds can live on one server.
  --now DATE        Day on which the records end, as 2026-11-02 (default ${defaultDay}, whatever the calendar
                    says, so that the same seed gives the same data next year).
  --base URL        FHIR base of the running server (default http://127.0.0.1:8080/fhir).
  --token TOKEN     Access token of the server; one that runs on this data folder gives it by itself.
  --concurrency N   Transactions sent at the same time, 1 to 64 (default 4).
  --out FOLDER      Write the transaction Bundles to files in this folder and send nothing.
  --help            Show this text.
`

const definitions = {
  patients: { type: 'string', default: '100' },
  first: { type: 'string', default: '0' },
  seed: { type: 'string', default: '1' },
  now: { type: 'string', default: defaultDay },
  base: { type: 'string', default: 'http://127.0.0.1:8080/fhir' },
  concurrency: { type: 'string', default: '4' },
  out: { type: 'string' },
  token: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

type Parsed = { readonly options: Options } | { readonly help: true } | { readonly errors: readonly string[] }

/** Either the options, or that help is wanted, or everything that is wrong with the arguments, in sentences. */
export const parseOptions = (args: readonly string[]): Parsed => {
  const values = read(args)
  if (typeof values === 'string') return { errors: [values] }
  if (values.help) return { help: true }
  const errors: string[] = []
  const whole = (name: 'patients' | 'first' | 'seed' | 'concurrency', low: number, high: number): number => {
    const text = values[name]
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    if (value >= low && value <= high) return value
    errors.push(`--${name} must be a whole number from ${low} to ${high}, not "${text}".`)
    return low
  }
  const options: Options = {
    patients: whole('patients', 0, 10_000_000),
    first: whole('first', 0, 10_000_000),
    seed: whole('seed', 0, 4_294_967_295),
    concurrency: whole('concurrency', 1, 64),
    now: values.now,
    base: values.base.replace(/\/+$/, ''),
    ...(values.out === undefined ? {} : { out: values.out }),
    ...(values.token === undefined ? {} : { token: values.token }),
  }
  if (!isDate(options.now)) errors.push(`--now must be a date such as ${defaultDay}, not "${options.now}".`)
  if (!isHttp(options.base))
    errors.push(`--base must be a URL such as ${definitions.base.default}, not "${options.base}".`)
  return errors.length > 0 ? { errors } : { options }
}

const read = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: definitions, strict: true, allowPositionals: false }).values
  } catch (error) {
    return (error as Error).message
  }
}

const isHttp = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '')
