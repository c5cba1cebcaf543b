/** The settings of the environment: one table, from which they are read, checked and documented. */
import { availableParallelism } from 'node:os'
import { byType, bytes, choice, duration, type Kind, list, text, url, whole, yesNo } from './config-kinds.ts'

export type Variable<T> = {
  readonly name: string
  readonly kind: Kind<T>
  readonly default: T
  /** How the default is written in the documentation when it is not a plain value. */
  readonly shown?: string
  readonly meaning: string
}

const variable = <T>(
  name: string,
  kind: Kind<T>,
  standard: NoInfer<T>,
  meaning: string,
  shown?: string,
): Variable<T> => ({ name, kind, default: standard, meaning, ...(shown ? { shown } : {}) })

const optional = <T>(name: string, kind: Kind<T>, meaning: string): Variable<T | undefined> =>
  variable<T | undefined>(name, kind, undefined, meaning)

/** By the name that the code has for it. */
export const variables = {
  host: variable(
    'HOST',
    text,
    '127.0.0.1',
    'Address to listen on; by default only programs of this machine can connect.',
  ),
  port: variable('PORT', whole(0, 65_535), 8080, 'Port to listen on; 0 takes a free one.'),
  baseUrl: optional(
    'BASE_URL',
    url('http:', 'https:'),
    'URL of the FHIR endpoint as clients see it, such as `https://fhir.example.org/fhir`. By default it is taken from each request, which on a loopback `HOST` must then name `localhost`, `127.…` or `[::1]`: other names are refused (421), as a web page could have made them up.',
  ),
  tenancy: variable(
    'LAMPLIGHT_TENANCY',
    choice('path', 'host'),
    'path',
    'How requests name the hospital that they are for, beside the default one: `path` by `/t/[name]/fhir` or by a host of its own, `host` by host only, where the default one is at the host of `BASE_URL`.',
  ),
  tlsCert: optional(
    'TLS_CERT',
    text,
    'PEM file with the certificate, and those that lead to its root: with `TLS_KEY` the server speaks HTTPS (TLS 1.2 or newer). Changed files are taken within seconds, or at `SIGHUP`, and no connection is lost.',
  ),
  tlsKey: optional('TLS_KEY', text, 'PEM file with the key of the certificate.'),
  databaseUrl: optional(
    'DATABASE_URL',
    url('postgres:', 'postgresql:'),
    'PostgreSQL 15 or newer to keep the data in, such as `postgres://user:password@host/database`. By default a PostgreSQL of its own is started in the data folder.',
  ),
  dataFolder: variable(
    'LAMPLIGHT_DATA',
    text,
    './.lamplight',
    'Folder for the data of the own PostgreSQL and for caches.',
  ),
  sealingKey: optional(
    'LAMPLIGHT_KEY',
    text,
    'Key that seals the secrets in the database: 32 bytes as base64 or hexadecimal, such as `openssl rand -base64 32` makes. Older ones, with which secrets may still be sealed, follow behind commas. By default the keys are in a file.',
  ),
  sealingKeyFile: optional(
    'LAMPLIGHT_KEY_FILE',
    text,
    'File of these keys, one a line, the newest first. By default `keys` in the data folder, which is made at the first start. Keep a copy of it elsewhere: without it a backup lacks its secrets.',
  ),
  authorization: variable(
    'LAMPLIGHT_AUTHORIZATION',
    choice('on', 'off'),
    'on',
    '`off` lets whoever reaches the port read and change everything: for trying things out with invented data. It is refused where `HOST` lets other machines in.',
  ),
  tokens: variable(
    'LAMPLIGHT_TOKENS',
    choice('opaque', 'jwt'),
    'opaque',
    'Access tokens are `opaque`, so that only this server knows what they open, or a signed `jwt`, which other servers can read.',
  ),
  audit: variable(
    'LAMPLIGHT_AUDIT',
    choice('spool', 'database'),
    'spool',
    'Where events of the audit log must be before a request is answered: in a file of the data folder, from which they are brought into the database within a second, or committed in the database.',
  ),
  auditYears: variable(
    'LAMPLIGHT_AUDIT_YEARS',
    whole(1, 100),
    6,
    'How long events of the audit log are kept.',
  ),
  packages: optional(
    'LAMPLIGHT_PACKAGES',
    text,
    'Folder with FHIR packages (`.tgz`), such as US Core, whose definitions are known beside those that come with the server. They are read at start.',
  ),
  smtpUrl: optional(
    'SMTP_URL',
    url('smtp:', 'smtps:'),
    'Server that mails to people are handed to, such as `smtps://user:password@mail.example.org`. Without it they wait in the table `mail`.',
  ),
  mailFrom: variable(
    'MAIL_FROM',
    text,
    'lamplight@localhost',
    'Sender of mails, such as `Example Hospital <records@example.org>`.',
  ),
  demo: variable(
    'DEMO',
    yesNo,
    false,
    'Demonstration: accounts of every role that everybody may use, shown on the sign-in page, without a second factor; every page says so. Never with data of real people.',
  ),
  logLevel: variable(
    'LOG_LEVEL',
    choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'The least severe log lines to write. One line a request is written at `info`.',
  ),
  workers: variable(
    'WORKERS',
    whole(1, 256),
    availableParallelism(),
    'Processes that answer requests; they share the port.',
    'one per core',
  ),
  rehearsal: variable(
    'LAMPLIGHT_REHEARSAL',
    yesNo,
    true,
    'Whether a process that has nothing to do after its start rehearses: it performs what is not stored, for half a second, so that the first real requests take half the time.',
  ),
  bodyLimit: variable(
    'LAMPLIGHT_BODY_LIMIT',
    bytes(1024, 400 * 1024 ** 2),
    50 * 1024 ** 2,
    'Largest body of a request, decompressed.',
    '50MB',
  ),
  headerLimit: variable(
    'LAMPLIGHT_HEADER_LIMIT',
    bytes(2048, 1024 ** 2),
    32 * 1024,
    'Largest request line and headers together.',
    '32KB',
  ),
  requestTimeout: variable(
    'LAMPLIGHT_REQUEST_TIMEOUT',
    duration(100, 3_600_000),
    60_000,
    'How long a client may take to send a request completely.',
    '60s',
  ),
  memoryLimit: variable(
    'LAMPLIGHT_MEMORY_LIMIT',
    bytes(1024 ** 2, 64 * 1024 ** 3),
    256 * 1024 ** 2,
    'Bodies of requests and large answers that one process holds at a time; what comes on top gets 503. A body of the largest size always fits.',
    '256MB',
  ),
  answerTimeout: variable(
    'LAMPLIGHT_ANSWER_TIMEOUT',
    duration(1000, 3_600_000),
    60_000,
    'How long a client may read nothing of its answer before the connection is ended; so is one that reads slower than 4 KB a second.',
    '60s',
  ),
  keepAlive: variable(
    'LAMPLIGHT_KEEP_ALIVE',
    duration(0, 3_600_000),
    75_000,
    'How long an idle connection stays open.',
    '75s',
  ),
  maxEntries: variable(
    'LAMPLIGHT_MAX_ENTRIES',
    whole(1, 1_000_000),
    10_000,
    'Entries that one batch or transaction may have.',
  ),
  updateAsCreate: variable(
    'LAMPLIGHT_UPDATE_AS_CREATE',
    yesNo,
    true,
    'Whether `PUT [type]/[id]` may create a resource under an id of the client.',
  ),
  references: variable(
    'LAMPLIGHT_REFERENCES',
    choice('off', 'checked', 'enforced'),
    'checked',
    '`checked` refuses references to resources of this server that never existed; `enforced` also refuses to delete what is referenced.',
  ),
  validation: variable(
    'LAMPLIGHT_VALIDATION',
    choice('standard', 'strict', 'off'),
    'standard',
    '`standard` refuses what R4 or a profile of `meta.profile` calls an error, and warns of what cannot be judged, such as a profile that is not loaded; `strict` refuses that too; `off` checks the structure only.',
  ),
  bestPractice: variable(
    'LAMPLIGHT_BEST_PRACTICE',
    choice('ignore', 'information', 'warning', 'error'),
    'warning',
    'How severe it is when a resource does not follow a best practice, such as having a narrative.',
  ),
  enforcedProfiles: variable<ReadonlyMap<string, readonly string[]>>(
    'LAMPLIGHT_ENFORCED_PROFILES',
    byType,
    new Map(),
    'Profiles that every resource of a type must meet, such as `Patient=http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient`, separated by commas.',
    'none',
  ),
  defaultCount: variable(
    'LAMPLIGHT_DEFAULT_COUNT',
    whole(1, 10_000),
    20,
    'Resources on a page when the client does not say.',
  ),
  maxCount: variable('LAMPLIGHT_MAX_COUNT', whole(1, 10_000), 1000, 'Resources on a page at most.'),
  maxIncludes: variable(
    'LAMPLIGHT_MAX_INCLUDES',
    whole(1, 100_000),
    1000,
    'Resources that `_include` and `_revinclude` bring along with a page at most; the answer says when there are more.',
  ),
  maxPageBytes: variable(
    'LAMPLIGHT_PAGE_LIMIT',
    bytes(64 * 1024, 400 * 1024 ** 2),
    32 * 1024 ** 2,
    'Largest page of a search or of history, by the size of its resources: it ends earlier then, and its `next` link goes on. A resource that is larger is a page of its own.',
    '32MB',
  ),
  maxCost: variable(
    'LAMPLIGHT_MAX_COST',
    whole(1000, 1_000_000_000),
    1_000_000,
    'What a search that no index leads may cost by the estimate of the database, in its units (100,000 are about a second); it is refused above.',
  ),
  statementTimeout: variable(
    'LAMPLIGHT_STATEMENT_TIMEOUT',
    duration(100, 3_600_000),
    30_000,
    'How long one statement may keep the database busy.',
    '30s',
  ),
  databaseLines: variable(
    'LAMPLIGHT_DB_LINES',
    whole(1, 64),
    6,
    'Database connections for short statements, per process: a third of them for reads.',
  ),
  databasePool: variable(
    'LAMPLIGHT_DB_POOL',
    whole(1, 500),
    8,
    'Database connections for transactions and long statements, per process.',
  ),
  clientRate: variable(
    'LAMPLIGHT_CLIENT_RATE',
    whole(0, 1_000_000),
    0,
    "Units that one client (an application, with its user) may spend a second, ten seconds' worth at once; a read costs 1, a write 2, a search 3, and every 20 ms of work another one. 0 is no limit. What is too much gets 429.",
  ),
  strangerRate: variable(
    'LAMPLIGHT_STRANGER_RATE',
    whole(0, 1_000_000),
    100,
    'The same for an address that has shown no token: pages of sign-in, metadata, and tokens that are wrong, which cost 20.',
  ),
  corsOrigins: variable<readonly string[]>(
    'LAMPLIGHT_CORS_ORIGINS',
    list,
    [],
    'Origins of browser applications that may call, separated by commas; `*` for all. They still need a token.',
    'none',
  ),
  trustProxy: variable(
    'LAMPLIGHT_TRUST_PROXY',
    yesNo,
    false,
    'Believe `X-Forwarded-Host` and `X-Forwarded-Proto`, which a proxy in front must then set.',
  ),
  otlpEndpoint: optional(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    url('http:', 'https:'),
    'OpenTelemetry collector that gets a span for each request, over OTLP/HTTP. Other `OTEL_EXPORTER_OTLP_…` variables work as OpenTelemetry documents them.',
  ),
  serviceName: variable('OTEL_SERVICE_NAME', text, 'lamplight', 'Name of this service in traces.'),
} as const
