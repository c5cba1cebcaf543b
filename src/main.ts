/** Where every process begins: what an earlier start compiled is taken as it is. `npm start`. Decision 0032. */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { ConfigError, cacheFolder, readConfig } from './config.ts'

/** At the first start there is no folder of caches yet, and whoever starts only once needs none. */
const compiledFolder = (): string | undefined => {
  try {
    const folder = cacheFolder(readConfig())
    return existsSync(folder) ? join(folder, 'compiled') : undefined
  } catch (error) {
    // What is wrong is said when all is there to say it.
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

const folder = compiledFolder()
if (folder !== undefined) enableCompileCache(folder)
await import('./process.ts')
