/** Writes capability-statement.json: what the registries say that this server can do. `npm run capability` */
import { writeFile } from 'node:fs/promises'
import { capabilitiesText } from './capability-text.ts'

const file = new URL('../capability-statement.json', import.meta.url)

await writeFile(file, await capabilitiesText())
process.stdout.write('capability-statement.json is written.\n')
