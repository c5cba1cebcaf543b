/** Each row once, also where one resource has a hundred thousand of them. */

/** Up to so many rows a look at each of them is the cheapest way to find out whether one is there. */
const few = 32

/** Whether a row is there already; among many it is not looked for, as `distinct` sorts them out at the end. */
export const isThere = <Row>(rows: readonly Row[], isSame: (row: Row) => boolean): boolean =>
  rows.length <= few && rows.some(isSame)

/** The rows, each once, in their order. */
export const distinct = <Row extends object>(rows: Row[]): Row[] => {
  if (rows.length <= few) return rows
  const seen = new Map<string, Row>()
  for (const row of rows) {
    const key = JSON.stringify(row)
    if (!seen.has(key)) seen.set(key, row)
  }
  return [...seen.values()]
}
