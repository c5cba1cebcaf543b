/** The cases of HL7's own validator: the same verdict, or a reason why not. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Issue } from '../../src/base/issue.ts'
import { Problem } from '../../src/base/problem.ts'
import { readJson } from '../../src/fhir/json/read.ts'
import { loadedValidator, standard } from '../support/validator.ts'

const folder = join(import.meta.dirname, '../../../shared/data/validator-r4')

type Case = {
  readonly name: string
  readonly file: string
  readonly expect: 'valid' | 'invalid' | 'invalid-needs-terminology-or-definitions'
  readonly tier: 'server' | 'tool'
  readonly options: Readonly<Record<string, unknown>>
}

/** What a server is not asked: a policy of that tool, or an option that has no counterpart here. */
const notApplicable: Readonly<Record<string, string>> = {
  'dr-example-org': 'refuses URLs at example.org, as a publisher of guides does',
  'pat-example-extensions': 'refuses URLs at example.org and every extension that it does not know',
  'cs-narrative-status-pub': 'asks for what HL7 publishes to name its committee',
}

const disagreements: Readonly<Record<string, string>> = {
  'encounter-period':
    'ends on 2023-06-21T06:20Z and starts on the day 2023-06-21: no order by R4’s expression, and true by that of R5',
}

t.test('cases', { skip: existsSync(folder) ? false : 'no cases here' }, async (t) => {
  const validator = await loadedValidator()
  const cases: readonly Case[] = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'))

  const issuesOf = ({ file, options }: Case): readonly Issue[] => {
    try {
      const text = readFileSync(join(folder, file), 'utf8')
      const { value } = readJson(text)
      const mode = options['security-checks'] === true ? 'strict' : 'standard'
      const { issues, references } = validator.validate(
        String(value.resourceType),
        value,
        { ...standard, mode },
        text,
      )
      // Nothing is stored here, so every reference that must exist is broken.
      const missing = options.validateReference === 'CHECK_EXISTS_AND_TYPE' ? references : []
      return [
        ...issues,
        ...missing.map((): Issue => ({ severity: 'error', code: 'not-found', diagnostics: '' })),
      ]
    } catch (error) {
      if (error instanceof Problem) return error.issues
      throw error
    }
  }

  const asked = cases.filter(
    ({ name, expect }) => expect !== 'invalid-needs-terminology-or-definitions' && !(name in notApplicable),
  )
  const wrong = asked.filter((each) => {
    const isRefused = issuesOf(each).some(({ severity }) => severity === 'error')
    return isRefused !== (each.expect === 'invalid')
  })
  t.same(wrong.map(({ name }) => name).sort(), Object.keys(disagreements).sort())
  t.ok(wrong.length / asked.length <= 0.03, `${asked.length - wrong.length} of ${asked.length} agree`)
})
