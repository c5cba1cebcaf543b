/** What was judged before is not judged again: codes come back, so the answers to the latest ones are kept. */
import type { Concept } from '../system.ts'

const most = 5000
const longest = 200

/** Keeps up to 5,000 answers to codes of up to 200 characters, then begins anew: what strangers send does not fill the memory. */
export const remembered = (
  judge: (code: string) => Concept | string,
): ((code: string) => Concept | string) => {
  const seen = new Map<string, Concept | string>()
  return (code) => {
    const known = seen.get(code)
    if (known !== undefined) return known
    const made = judge(code)
    if (code.length > longest) return made
    if (seen.size >= most) seen.clear()
    seen.set(code, made)
    return made
  }
}
