/** Removes what is older than it has to be kept, whole days from the old end, and leaves a signed link in its place. */
import type { AuditLog } from '../store/index.ts'
import type { Signing } from './signing.ts'
import { checkpointText } from './verify.ts'

const day = 86_400_000

/** `at` is now, in ms since 1970. Gives how many events went. */
export const retire = async (
  audit: AuditLog,
  signing: Signing,
  { at, years }: { readonly at: number; readonly years: number },
): Promise<number> => {
  const oldest = new Date(at)
  oldest.setUTCFullYear(oldest.getUTCFullYear() - years)
  const before = Math.floor(oldest.getTime() / day) * day
  let gone = 0
  for (const tenant of await audit.tenants()) {
    const last = await audit.lastBefore(tenant, before)
    if (!last) continue
    const signature = signing.sign(checkpointText(tenant, last.sequence, last.hash))
    gone += await audit.retire(tenant, last.sequence, signature)
  }
  return gone
}
