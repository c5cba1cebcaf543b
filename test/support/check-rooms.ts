/** Part of `npm run check`: prints every broken wall of the house as file:line and fails. */
import { fileURLToPath } from 'node:url'
import { inspect } from './rooms.ts'

const faults = inspect(fileURLToPath(new URL('../..', import.meta.url)))
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
