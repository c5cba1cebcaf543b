/** How the embedded Postgres is set up: https://www.postgresql.org/docs/current/runtime-config.html */
import { totalmem } from 'node:os'

export type Settings = Readonly<Record<string, string>>

const mb = 1024 * 1024

/** Memory that this process may count on, in bytes: that of the container where there is one. */
export const memory = (): number => {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** Settings for a machine of `cores`; durable, and with no statement or value of a client in the log. */
export const settingsFor = (cores: number): Settings => {
  const total = memory()
  const buffers = Math.max(32, Math.min(2048, Math.floor(total / 8 / mb)))
  return {
    shared_buffers: `${buffers}MB`,
    effective_cache_size: `${Math.max(64, Math.floor(total / 2 / mb))}MB`,
    maintenance_work_mem: `${Math.max(16, Math.min(512, Math.floor(total / 32 / mb)))}MB`,
    work_mem: '16MB',
    max_connections: '100',
    superuser_reserved_connections: '3',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    wal_compression: 'pglz',
    max_wal_size: '4GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    random_page_cost: '1.1',
    jit: 'off',
    max_worker_processes: String(Math.max(8, cores)),
    max_parallel_workers: String(Math.max(2, cores)),
    max_parallel_workers_per_gather: String(Math.min(2, Math.floor(cores / 2))),
    autovacuum_naptime: '20s',
    autovacuum_max_workers: String(Math.max(1, Math.min(3, cores))),
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_vacuum_insert_scale_factor: '0.1',
    autovacuum_analyze_scale_factor: '0.05',
    autovacuum_vacuum_cost_limit: '1000',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_line_prefix: '',
    log_checkpoints: 'off',
    // What a client did wrong is the client's to hear; the log would repeat the content of resources.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  }
}

/** `-c name=value` arguments of the program. */
export const settingArguments = (settings: Settings): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
