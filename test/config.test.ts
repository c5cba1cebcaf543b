import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import t from 'tap'
import { type ConfigError, configTable, readConfig } from '../src/config.ts'

const sentences = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    return (error as ConfigError).sentences
  }
}

t.test('an empty environment is a configuration', async (t) => {
  const config = readConfig({})
  t.match(config, { host: '127.0.0.1', port: 8080, references: 'checked', workers: availableParallelism() })
  t.ok(Object.isFrozen(config))
  t.strictSame(readConfig({ PORT: '', LAMPLIGHT_DATA: '' }), config, 'empty is the same as absent')
})

t.test('values have their types', async (t) => {
  const config = readConfig({
    PORT: '0',
    BASE_URL: 'https://fhir.example.org/fhir/',
    LAMPLIGHT_BODY_LIMIT: '10mb',
    LAMPLIGHT_REQUEST_TIMEOUT: '2min',
    LAMPLIGHT_UPDATE_AS_CREATE: 'false',
    LAMPLIGHT_CORS_ORIGINS: 'https://a.example, https://b.example,',
    LAMPLIGHT_REFERENCES: 'enforced',
    LAMPLIGHT_ENFORCED_PROFILES: 'Patient=http://a/p, Patient=http://a/q',
  })
  t.strictSame(config.enforcedProfiles.get('Patient'), ['http://a/p', 'http://a/q'])
  t.match(sentences({ LAMPLIGHT_ENFORCED_PROFILES: 'Patient' }), [/list such as Patient=/])
  t.match(config, {
    port: 0,
    baseUrl: 'https://fhir.example.org/fhir',
    bodyLimit: 10_485_760,
    requestTimeout: 120_000,
    updateAsCreate: false,
    corsOrigins: ['https://a.example', 'https://b.example'],
    references: 'enforced',
  })
})

t.test('everything that is wrong is said at once', async (t) => {
  t.strictSame(
    sentences({
      LAMPLIGHT_DTA: './x',
      LAMPLIGHT_SOMETHING_ELSE: '1',
      PORT: '70000',
      DATABASE_URL: 'mysql://user:secret@host/db',
      LAMPLIGHT_BODY_LIMIT: '5 potatoes',
      LAMPLIGHT_STATEMENT_TIMEOUT: '30',
      LAMPLIGHT_TRUST_PROXY: 'yes',
      LOG_LEVEL: 'loud',
    }),
    [
      'LAMPLIGHT_DTA is not a setting of Lamplight. Did you mean LAMPLIGHT_DATA?',
      'LAMPLIGHT_SOMETHING_ELSE is not a setting of Lamplight.',
      'PORT is between 0 and 65535.',
      'DATABASE_URL is a URL beginning with postgres:// or postgresql://.',
      'LOG_LEVEL is one of fatal, error, warn, info, debug, trace, silent.',
      'LAMPLIGHT_BODY_LIMIT is a size in bytes, or with a unit such as 512KB or 50MB.',
      'LAMPLIGHT_STATEMENT_TIMEOUT is a time with its unit, such as 500ms, 30s or 2min.',
      'LAMPLIGHT_TRUST_PROXY is either true or false.',
    ],
  )
})

t.test('the README has the table', async (t) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  t.ok(readme.includes(configTable()), 'copy the output of configTable() into README.md')
})
