/** How much one client may ask for: a bucket of units that fills at a steady rate. RFC 6585, section 4; RateLimit header fields (IETF httpapi) */

/** `rate` in units a second, 0 for no limit; the bucket holds ten seconds' worth. */
type Limit = { readonly rate: number }

/** What is left for the client after a request. Units, and seconds until the bucket is full. */
type Standing = {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  readonly reset: number
  /** Seconds until there is something in the bucket again. */
  readonly wait: number
}

/** Units that clients have spent elsewhere or are to be told of elsewhere. */
export type Spending = readonly (readonly [client: string, units: number])[]

export type RequestLimits = {
  /** Takes units for a request, or refuses it; `now` in ms. Undefined when there is no limit. */
  take(client: string, units: number, now: number): Standing | undefined
  /** Takes what a request turned out to have cost beside; the bucket may owe afterwards. */
  charge(client: string, units: number, now: number): void
  /** What was spent since the last call, for the other processes. */
  spent(): Spending
  /** What was spent in other processes. */
  learn(spending: Spending, now: number): void
}

/** Seconds of the rate that may be spent at once. */
const burst = 10

/** Clients that are remembered; the full buckets among them are forgotten first. */
const most = 20_000

type Bucket = { units: number; at: number }

export const createRequestLimits = ({ rate }: Limit): RequestLimits => {
  const full = rate * burst
  const buckets = new Map<string, Bucket>()
  let spending = new Map<string, number>()

  const at = (client: string, now: number): Bucket => {
    const bucket = buckets.get(client)
    if (bucket === undefined) {
      if (buckets.size >= most) forget(now)
      const made = { units: full, at: now }
      buckets.set(client, made)
      return made
    }
    bucket.units = Math.min(full, bucket.units + ((now - bucket.at) / 1000) * rate)
    bucket.at = now
    return bucket
  }
  const forget = (now: number): void => {
    for (const [client, { units, at }] of buckets)
      if (units + ((now - at) / 1000) * rate >= full) buckets.delete(client)
    // Everybody is busy: the oldest begin anew, as memory is bounded too.
    for (const client of buckets.keys()) {
      if (buckets.size < most * 0.9) break
      buckets.delete(client)
    }
  }
  const spend = (client: string, units: number): void => {
    spending.set(client, (spending.get(client) ?? 0) + units)
  }
  return {
    take: (client, units, now) => {
      if (rate === 0) return undefined
      const bucket = at(client, now)
      // Who has anything left may ask for anything: what is owed is waited for next time.
      const allowed = bucket.units > 0
      if (allowed) {
        bucket.units -= units
        spend(client, units)
      }
      return {
        allowed,
        limit: full,
        remaining: Math.max(0, Math.floor(bucket.units)),
        reset: Math.ceil((full - bucket.units) / rate),
        wait: Math.max(1, Math.ceil((1 - bucket.units) / rate)),
      }
    },
    charge: (client, units, now) => {
      if (rate === 0 || units <= 0) return
      at(client, now).units -= units
      spend(client, units)
    },
    spent: () => {
      const since = [...spending]
      spending = new Map()
      return since
    },
    learn: (others, now) => {
      if (rate === 0) return
      for (const [client, units] of others) at(client, now).units -= units
    },
  }
}
