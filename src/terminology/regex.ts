/** Regular expressions of value sets, which come from users: matched within a limit of time. */
import { runInNewContext } from 'node:vm'

/** Milliseconds that one filter may take over all of its codes. */
const limit = 500

/** The texts that match as a whole; or a sentence that says why it cannot be told. */
export const matchAll = (pattern: string, texts: readonly string[]): ReadonlySet<string> | string => {
  try {
    new RegExp(pattern, 'u')
  } catch {
    return `"${pattern}" is not a regular expression.`
  }
  try {
    // Only there can the engine be stopped in the middle of one match.
    const matching = runInNewContext(
      "(() => { const r = new RegExp('^(?:' + pattern + ')$', 'u'); return texts.filter((t) => r.test(t)).join('\\u0000') })()",
      { pattern, texts: [...texts] },
      { timeout: limit },
    ) as string
    return new Set(matching === '' && !texts.includes('') ? [] : matching.split('\0'))
  } catch {
    return `The regular expression "${pattern}" takes too long; make it simpler.`
  }
}
