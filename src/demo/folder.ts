/** Writes the transactions to files, so that they can be looked at or sent by other means. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sink } from './send.ts'

/** One JSON file for each Bundle, named after it: `hospital-1.json`, `patient-0000001.json`. Makes the folder. */
export const openFolder = async (folder: string): Promise<Sink> => {
  await mkdir(folder, { recursive: true })
  return { deliver: (name, text) => writeFile(join(folder, `${name}.json`), text) }
}
