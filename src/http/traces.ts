/** What the server needs of a tracer; see `otel.ts` for the one that speaks OpenTelemetry. */
import type { HttpContext } from './context.ts'
import type { Place } from './fhir-scope.ts'

export type Span = { end(place: Place, status: number): void }

export type Traces = {
  /** Opens a span for a request, under the caller's span when it sent one. */
  begin(ctx: HttpContext, method: string): Span
  /** Sends what is still kept. */
  close(): Promise<void>
}
