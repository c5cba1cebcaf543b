/** Imports every file of a folder, in the order of their names, and takes what each exports of one kind. */
import { readdir } from 'node:fs/promises'

/**
 * The one export of each file that has this `kind`. Throws for a file that has none or several, so that a misspelt
 * one is noticed at the start. `folder` ends with a slash; `index.ts` is left out.
 */
export const loadFolder = async <T extends { readonly kind: string }>(
  folder: URL,
  kind: T['kind'],
): Promise<readonly T[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && file !== 'index.ts').sort()
  return Promise.all(files.map((file) => load<T>(new URL(file, folder), kind)))
}

const load = async <T extends { readonly kind: string }>(file: URL, kind: T['kind']): Promise<T> => {
  const module: Record<string, unknown> = await import(file.href)
  const found = Object.values(module).filter((value) => (value as Partial<T> | undefined)?.kind === kind)
  const [only] = found
  if (only === undefined || found.length > 1)
    throw new Error(`${file.pathname} must export exactly one ${kind}; it exports ${found.length}.`)
  return only as T
}
