/** One element of FHIR that is being read: what came of it so far, as JSON text (http://hl7.org/fhir/R4/json.html#xml). */
import type { Child, Shape } from './shape.ts'

export type Frame = {
  /** What this element is in its parent; undefined for a resource. */
  readonly child: Child | undefined
  /** Undefined for an element that only wraps a resource. */
  readonly shape: Shape | undefined
  readonly name: string
  /** JSON text of a primitive's value. */
  value: string | undefined
  /** JSON text of the members so far. */
  members: string
  /** The last child in the order of definition so far. */
  latest: Child | undefined
  /** Whether something in it was not understood and is said so already. */
  isSpoilt: boolean
  /** The child that repeats at the moment, and the JSON texts of its values and of what stands beside them. */
  run: Child | undefined
  values: string[]
  siblings: string[]
  hasValue: boolean
  hasSibling: boolean
}

export const createFrame = (name: string, child: Child | undefined, shape: Shape | undefined): Frame => ({
  child,
  shape,
  name,
  value: undefined,
  members: shape?.isResource ? `"resourceType":"${shape.name}"` : '',
  latest: undefined,
  isSpoilt: false,
  run: undefined,
  values: [],
  siblings: [],
  hasValue: false,
  hasSibling: false,
})

/** Adds a member to the JSON text of a frame. */
export const addMember = (frame: Frame, name: string, value: string): void => {
  frame.members += frame.members === '' ? `"${name}":${value}` : `,"${name}":${value}`
}

/** Adds one occurrence of a child; `null` stands for the value or the sibling that it does not have. */
export const addOccurrence = (
  frame: Frame,
  child: Child,
  value: string | undefined,
  sibling?: string,
): void => {
  if (frame.run !== child) {
    endRun(frame)
    frame.run = child
  }
  frame.values.push(value ?? 'null')
  frame.siblings.push(sibling ?? 'null')
  if (value !== undefined) frame.hasValue = true
  if (sibling !== undefined) frame.hasSibling = true
}

/** Turns the occurrences of the child that repeated into members. */
const endRun = (frame: Frame): void => {
  const { run, values, siblings } = frame
  if (run === undefined) return
  if (run.array) {
    if (frame.hasValue) addMember(frame, run.name, `[${values.join(',')}]`)
    if (frame.hasSibling) addMember(frame, run.sibling, `[${siblings.join(',')}]`)
  } else {
    if (frame.hasValue) addMember(frame, run.name, values[0]!)
    if (frame.hasSibling) addMember(frame, run.sibling, siblings[0]!)
  }
  frame.run = undefined
  frame.values = []
  frame.siblings = []
  frame.hasValue = false
  frame.hasSibling = false
}

/** JSON text of all that the element has besides a value; undefined when that is nothing. */
export const objectOf = (frame: Frame): string | undefined => {
  endRun(frame)
  return frame.members === '' ? undefined : `{${frame.members}}`
}

/** Where in the resource the innermost frame is, as FHIRPath: `Patient.name[1].given[0]`. */
export const pathOf = (frames: readonly Frame[]): string => {
  let path = ''
  for (const [n, { name, child }] of frames.entries()) {
    if (child === undefined) {
      if (n === 0) path = name
      continue
    }
    const parent = frames[n - 1]!
    const place = parent.run === child ? parent.values.length : 0
    path += child.array ? `.${name}[${place}]` : `.${name}`
  }
  return path
}
