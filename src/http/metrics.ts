/** Prometheus metrics of a process: https://prometheus.io/docs/practices/naming/ */
import { AggregatorRegistry, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = {
  /** One answered request; `seconds` from its first byte to the last of the answer. */
  observe(interaction: string, status: number, seconds: number): void
  /** +1 at arrival, -1 when answered. */
  inFlight(change: 1 | -1): void
  /** Requests that are not answered yet. */
  unanswered(): number
  /** A number to read whenever metrics are asked for: `('lamplight_db_connections', 'Open …', () => pool.size)`. */
  gauge(name: string, help: string, read: () => number): void
  /** Metrics of this process in the text format. */
  text(): Promise<string>
}

export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE

/** Labels are the interaction and the status: a label for each resource type would make ten thousand series. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'lamplight_http_request_duration_seconds',
    help: 'Time from arrival to the end of the answer.',
    labelNames: ['interaction', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  let unanswered = 0
  new Gauge({
    name: 'lamplight_http_requests_in_flight',
    help: 'Requests that are not answered yet.',
    registers: [registry],
    collect: setTo(() => unanswered),
  })
  // Makes this process answer when the primary collects the metrics of all workers.
  new AggregatorRegistry()
  AggregatorRegistry.setRegistries([registry])
  return {
    observe: (interaction, status, seconds) => durations.observe({ interaction, status }, seconds),
    inFlight: (change) => {
      unanswered += change
    },
    unanswered: () => unanswered,
    gauge: (name, help, read) => {
      new Gauge({ name, help, registers: [registry], collect: setTo(read) })
    },
    text: () => registry.metrics(),
  }
}

const setTo = (read: () => number) =>
  function (this: Gauge) {
    this.set(read())
  }

/** For the primary: the metrics of all workers as one text. */
export const clusterExposition = (): (() => Promise<string>) => {
  const aggregator = new AggregatorRegistry()
  return () => aggregator.clusterMetrics()
}
