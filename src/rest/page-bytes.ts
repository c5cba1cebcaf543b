/** A page is bounded in bytes too: it ends before the resource that would make it too large, and `next` goes on there. */
import type { Ctx } from '../access/ctx.ts'
import type { House } from './house.ts'

/** A row whose content is null when it was too large to come along. */
type Found = {
  readonly type: number
  readonly id: string
  readonly version: number
  readonly content: string | null
}
type Whole<R extends Found> = R & { readonly content: string }

/** Bytes there are room for; `first` when the first row is wanted however large it is. */
type Room = { readonly bytes: number; readonly first: boolean }

const whole = <R extends Found>(row: R, content: string): Whole<R> => ({ ...row, content })
const hasContent = <R extends Found>(row: R): row is Whole<R> => row.content !== null
const isLarge = (row: Found): boolean => row.content === null

/** The rows with their contents, up to the last that there is room for. */
export const fillContents = async <R extends Found>(
  house: House,
  ctx: Ctx,
  found: readonly R[],
  room: Room,
): Promise<Whole<R>[]> => {
  const small = found.reduce((sum, { content }) => sum + (content?.length ?? 0), 0)
  if (small <= room.bytes && found.every(hasContent)) return found as Whole<R>[]
  const large = await house.store.contents(ctx.tenant, {
    places: found.filter(isLarge),
    room: room.bytes - small,
    first: room.first && found[0] !== undefined && isLarge(found[0]),
  })
  const filled: Whole<R>[] = []
  let [size, next] = [0, 0]
  for (const row of found) {
    const content = row.content ?? large[next++]
    if (content === undefined) break
    size += content.length
    if (size > room.bytes && !(room.first && filled.length === 0)) break
    filled.push(whole(row, content))
  }
  return filled
}

/** Characters of all contents. */
export const sizeOf = (rows: readonly { readonly content: string }[]): number =>
  rows.reduce((sum, { content }) => sum + content.length, 0)
