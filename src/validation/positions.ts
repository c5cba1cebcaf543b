/** Lines and columns of issues in the text that was sent. */
import type { Issue } from '../base/issue.ts'
import { positionAt } from '../fhir/json/position.ts'
import { skipSpace, valueEnd } from '../fhir/json/scan.ts'
import { walkArray, walkObject } from '../fhir/json/walk.ts'

/** A place that some issue names, and the places below it. `at`: where its text begins. */
type Wanted = { at: number; readonly below: Map<string, Wanted> }

/** One walk over the text for all issues. An issue whose place is not in the text gets the nearest one around it. */
export const positioned = (issues: readonly Issue[], text: string): readonly Issue[] => {
  const root: Wanted = { at: -1, below: new Map() }
  const chains = issues.map(({ expression }) => chainOf(expression?.[0] ?? '', root))
  locate(text, skipSpace(text, 0), root)
  return issues.map((issue, index) => {
    const at = (chains[index] as readonly Wanted[]).findLast((wanted) => wanted.at >= 0)?.at ?? -1
    return at < 0 || issue.line !== undefined ? issue : { ...issue, ...positionAt(text, at) }
  })
}

/** `Patient.name[0].family` asks for name, its first item, and family. */
const chainOf = (expression: string, root: Wanted): readonly Wanted[] => {
  const chain = [root]
  const names = expression.match(/[^.[\]`]+|`[^`]*`/g) ?? []
  for (const name of names.slice(1)) {
    const { below } = chain[chain.length - 1] as Wanted
    const known = below.get(name) ?? { at: -1, below: new Map() }
    below.set(name, known)
    chain.push(known)
  }
  return chain
}

const locate = (text: string, at: number, wanted: Wanted): number => {
  if (wanted.at < 0) wanted.at = at
  const c = text.charCodeAt(at)
  if (wanted.below.size === 0 || (c !== 123 && c !== 91)) return valueEnd(text, at)
  if (c === 91) {
    let index = 0
    return walkArray(text, at, (valueAt) => step(text, valueAt, wanted.below.get(String(index++))))
  }
  return walkObject(text, at, (name, _nameAt, valueAt) => step(text, valueAt, named(wanted, name)))
}

const step = (text: string, at: number, wanted: Wanted | undefined): number =>
  wanted ? locate(text, at, wanted) : valueEnd(text, at)

/** `_name` holds the extensions of `name`; `valueQuantity` is what FHIRPath calls `value`. */
const named = ({ below }: Wanted, name: string): Wanted | undefined => {
  const plain = name.startsWith('_') ? name.slice(1) : name
  const exact = below.get(plain)
  if (exact) return exact
  for (const [stem, wanted] of below)
    if (plain.startsWith(stem) && /^[A-Z]/.test(plain.slice(stem.length))) return wanted
  return undefined
}
