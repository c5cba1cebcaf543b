/** The formats that code systems are loaded from: `npm run terminology -- load FORMAT PATH`. */
import type { SourceFile } from './folder.ts'
import { icd10cm } from './icd-10-cm.ts'
import { loinc } from './loinc.ts'
import { codeSystem, csv } from './resource.ts'
import { LoadError, type Loading } from './row.ts'
import { rxnorm } from './rxnorm.ts'
import { snomed } from './snomed.ts'

type Options = { readonly url?: string; readonly version?: string }

const formats: Readonly<
  Record<string, (files: readonly SourceFile[], options: Options) => Loading | Promise<Loading>>
> = {
  loinc: (files, { version }) => loinc(files, version),
  snomed: (files, { version }) => snomed(files, version),
  rxnorm: (files, { version }) => rxnorm(files, version),
  'icd-10-cm': (files, { version }) => icd10cm(files, version),
  codesystem: (files, { version }) => codeSystem(files, version),
  csv: (files, { url, version }) => {
    if (url === undefined) throw new LoadError('Say which code system the file is of: --url URL.')
    return csv(files, url, version)
  },
}

export const formatNames = Object.keys(formats)

/** What a format makes of files. Throws LoadError. */
export const openLoading = async (
  format: string,
  files: readonly SourceFile[],
  options: Options,
): Promise<Loading> => {
  const open = Object.hasOwn(formats, format) ? formats[format] : undefined
  if (!open) throw new LoadError(`There is no format ${format}; there are ${formatNames.join(', ')}.`)
  return await open(files, options)
}
