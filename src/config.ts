/** Configuration from the environment, checked as a whole at start. The only reader of process.env. */
import { join, resolve } from 'node:path'
import { nearest } from './base/nearest.ts'
import { KindError } from './config-kinds.ts'
import { type Variable, variables } from './config-variables.ts'

/** Names and default values as in the table of the README; times in milliseconds, sizes in bytes. */
export type Config = {
  readonly [key in keyof typeof variables]: (typeof variables)[key] extends Variable<infer T> ? T : never
}

/** Everything that is wrong with the environment, one sentence each. */
export class ConfigError extends Error {
  readonly sentences: readonly string[]
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'))
    this.name = 'ConfigError'
    this.sentences = sentences
  }
}

/** Checks all variables and throws one ConfigError for all that is wrong. */
export const readConfig = (env: Readonly<Record<string, string | undefined>> = process.env): Config => {
  const wrong: string[] = unknownNames(env)
  const values: Record<string, unknown> = {}
  for (const [key, declared] of Object.entries<Variable<unknown>>(variables)) {
    const given = env[declared.name]
    try {
      values[key] = given === undefined || given === '' ? declared.default : declared.kind.read(given)
    } catch (error) {
      if (!(error instanceof KindError)) throw error
      wrong.push(`${declared.name} ${error.message}.`)
    }
  }
  if (wrong.length > 0) throw new ConfigError(wrong)
  return Object.freeze(values) as Config
}

/** A misspelt name would otherwise be a setting that silently does nothing. */
const unknownNames = (env: Readonly<Record<string, string | undefined>>): string[] => {
  const names = Object.values(variables).map((declared) => declared.name)
  return Object.keys(env)
    .filter((name) => name.startsWith('LAMPLIGHT_') && !names.includes(name))
    .map((name) => {
      const meant = nearest(name, names)
      return `${name} is not a setting of Lamplight.${meant ? ` Did you mean ${meant}?` : ''}`
    })
}

/** The table of the README, in Markdown. */
export const configTable = (): string => {
  const rows = Object.values<Variable<unknown>>(variables).map(
    ({ name, kind, default: standard, shown, meaning }) =>
      `| \`${name}\` | ${kind.name} | ${shown ?? (standard === undefined ? '' : `\`${standard}\``)} | ${meaning} |`,
  )
  return ['| Variable | Kind | Default | Meaning |', '|---|---|---|---|', ...rows, ''].join('\n')
}

/** Whether this process is the script of an `npm start`, with a shell between npm and it. */
export const startedByNpm = (env: Readonly<Record<string, string | undefined>> = process.env): boolean =>
  env.npm_lifecycle_event === 'start'

/** Folder for what can be made again. */
export const cacheFolder = ({ dataFolder }: Config): string => join(resolve(dataFolder), 'cache')
