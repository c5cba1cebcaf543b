/** `npm run schema`: writes test/schema.sql, so that a review sees what a migration changed. */
import { writeFileSync } from 'node:fs'
import { startTestCluster, template } from './cluster.ts'
import { dumpSchema } from './schema.ts'

const cluster = await startTestCluster()
try {
  const text = await dumpSchema({ ...cluster.connection, database: template })
  writeFileSync(new URL('../schema.sql', import.meta.url), text)
} finally {
  await cluster.stop()
}
