/** The command line of the runner. */
import { parseArgs } from 'node:util'

export type Options = {
  /** URL of the FHIR endpoint, without slash at the end. */
  readonly base: string
  /** Access token that goes with every request whose case says nothing else. */
  readonly token?: string
  /** Initial access token with which the clients of smart/ register themselves; these cases are left out without. */
  readonly registration?: string
  /** Beginnings of `folder/file/case` to run; empty for all. */
  readonly only: readonly string[]
  /** Folder for the reports; none without. */
  readonly report?: string
  /** Whether to write the matrix into README.md. */
  readonly readme: boolean
}

export const usage = `Usage: npm run conformance -- [--base URL] [--only NAMES] [--token TOKEN] [--registration TOKEN] [--report FOLDER] [--readme]

  --base    the FHIR endpoint to test; http://127.0.0.1:8080/fhir unless given
  --token   access token for a server that wants one; by default that of the variable FHIR_TOKEN
  --registration  token with which clients may register themselves, for the cases of smart/, which are left out without
  --only    what to run, separated by commas: rest, rest/read, rest/read/head-of-a-read or the name of a case
  --report  writes report.json, test-report.json and index.html to this folder
  --readme  writes the matrix of claims into conformance/README.md`

/** Throws an Error with a sentence for arguments that cannot be understood. */
export const readOptions = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      base: { type: 'string', default: 'http://127.0.0.1:8080/fhir' },
      only: { type: 'string', default: '' },
      report: { type: 'string' },
      token: { type: 'string' },
      registration: { type: 'string' },
      readme: { type: 'boolean', default: false },
    },
  })
  if (!/^https?:\/\//.test(values.base))
    throw new Error('--base takes a URL that begins with http:// or https://.')
  if (values.readme && values.only !== '') throw new Error('--readme is about all cases; leave --only out.')
  const token = values.token ?? env.FHIR_TOKEN
  return {
    ...(token === undefined || token === '' ? {} : { token }),
    ...(values.registration === undefined ? {} : { registration: values.registration }),
    base: values.base.replace(/\/+$/, ''),
    only: values.only.split(',').filter((name) => name !== ''),
    readme: values.readme,
    ...(values.report === undefined ? {} : { report: values.report }),
  }
}
