/** The files that are to be loaded, as who reads them from the disk hands them over. */
import type { Lines } from './lines.ts'
import { LoadError } from './row.ts'

export type SourceFile = { readonly path: string; readonly lines: Lines }

/** Finds one file by its name; a file that is given alone is taken whatever it is called. */
export const oneFile = (files: readonly SourceFile[], name: RegExp, what: string): SourceFile => {
  const found = optionalFile(files, name) ?? (files.length === 1 ? files[0] : undefined)
  if (!found) throw new LoadError(`There is no ${what} in what is to be loaded.`)
  return found
}

export const optionalFile = (files: readonly SourceFile[], name: RegExp): SourceFile | undefined =>
  files.find(({ path }) => name.test(path.split(/[\\/]/).at(-1) ?? ''))

export const allFiles = (files: readonly SourceFile[], name: RegExp): readonly SourceFile[] =>
  files.filter(({ path }) => name.test(path.split(/[\\/]/).at(-1) ?? ''))
