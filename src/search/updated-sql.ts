/** Conditions on meta.lastUpdated as SQL. */
import type { Condition } from './algebra.ts'
import type { Values } from './statement.ts'

/** As a statement's parameter. */
export const instant = (ms: number): string => new Date(ms).toISOString()
/** Dates that ISO 8601 writes with four digits; what lies beyond is no bound for a stored instant. */
const [earliest, latest] = [-62_135_596_800_000, 253_402_300_799_999] as const

/** `column` holds the time. */
export const updatedFilter = (
  condition: Condition & { kind: 'updated' },
  column: string,
  values: Values,
): string => {
  const parts = condition.any.map(({ from, to }) => {
    if ((from !== undefined && from > latest) || (to !== undefined && to <= earliest)) return 'false'
    const lower =
      from !== undefined && from > earliest
        ? [`${column} >= ${values.add(instant(from), 'timestamptz')}`]
        : []
    const upper =
      to !== undefined && to <= latest ? [`${column} < ${values.add(instant(to), 'timestamptz')}`] : []
    return [...lower, ...upper].join(' and ') || 'true'
  })
  return parts.length === 1 ? (parts[0] ?? 'true') : `(${parts.map((part) => `(${part})`).join(' or ')})`
}
