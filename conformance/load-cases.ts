/** Finds the case files below cases/ and reads them; a file or case that is not understood stays in the list, to fail. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Case, caseFaults } from './case.ts'
import { isMap, type Json } from './json.ts'

/** A case and where it stands. `faults` is what is wrong with its form. */
export type LoadedCase = {
  /** `rest/read` */
  readonly suite: string
  readonly id: string
  readonly faults: readonly string[]
  readonly case?: Case
}

const folder = fileURLToPath(new URL('cases', import.meta.url))

/** `#read` is a place on the page that the file is about. */
const absolute = (link: string, page: string): string => (link.startsWith('#') ? page + link : link)

const broken = (suite: string, id: string, ...faults: string[]): LoadedCase => ({ suite, id, faults })

/** The cases in the text of one file: `{ "page": …, "cases": […] }`. */
export const readCases = (suite: string, text: string): LoadedCase[] => {
  let file: Json
  try {
    file = JSON.parse(text) as Json
  } catch (error) {
    return [broken(suite, 'file', `the file is not JSON: ${(error as Error).message}`)]
  }
  if (!isMap(file) || typeof file.page !== 'string' || !Array.isArray(file.cases))
    return [broken(suite, 'file', 'the file has no "page" and "cases"')]
  const { page, cases } = file
  const strange = Object.keys(file).filter((name) => name !== 'page' && name !== 'cases')
  const faulty = strange.map((name) => broken(suite, 'file', `${JSON.stringify(name)} means nothing`))
  return [
    ...faulty,
    ...cases.map((value: Json, n): LoadedCase => {
      const id = isMap(value) && typeof value.id === 'string' ? value.id : `cases[${n}]`
      const faults = caseFaults(value)
      if (faults.length > 0) return { suite, id, faults }
      const known = value as unknown as Case
      return { suite, id, faults, case: { ...known, link: absolute(known.link, page) } }
    }),
  ]
}

const twice = (cases: readonly LoadedCase[]): LoadedCase[] =>
  cases.filter((one, n) => cases.findIndex((other) => other.id === one.id && other.suite === one.suite) !== n)

/** All cases, in the order of files and lines; `only` keeps those whose `suite/id` begins with one of its members. */
export const loadCases = (only: readonly string[] = []): LoadedCase[] => {
  const files = globSync('**/*.json', { cwd: folder })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
  const all = files.flatMap((file) =>
    readCases(file.replace(/\.json$/, ''), readFileSync(`${folder}/${file}`, 'utf8')),
  )
  const doubled = twice(all).map(({ suite, id }) => broken(suite, id, 'another case of the file has this id'))
  const wanted = [...all, ...doubled]
  if (only.length === 0) return wanted
  return wanted.filter(({ suite, id }) =>
    only.some((name) => `${suite}/${id}/`.startsWith(`${name}/`) || id === name),
  )
}
