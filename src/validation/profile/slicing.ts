/** Slices: which item belongs to which, how many of each, in which order: http://hl7.org/fhir/R4/profiling.html#slicing */
import type { ElementDefinitionSlicingDiscriminator } from 'fhir/r4.js'
import { discriminatorTest, type SliceTest } from './discriminator.ts'
import { type Item, mostOf } from './items.ts'
import type { Check, Judgement, Registry } from './kinds.ts'
import type { Place } from './place.ts'
import { type ElementNode, typeOfRenamed } from './tree.ts'

export type SlicingCheck = (items: readonly Item[], up: Place, run: Judgement) => void

/** What a slice demands of one value beyond the base of what it slices. */
export type CompileItem = (slice: ElementNode, base: ElementNode | undefined) => Check | undefined

type Slice = {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly tests: readonly SliceTest[]
  readonly check: Check | undefined
  readonly inner: SlicingCheck | undefined
}

type Slicing = {
  readonly element: string
  readonly profile: string
  readonly rules: 'open' | 'closed' | 'openAtEnd'
  readonly ordered: boolean
  readonly slices: readonly Slice[]
  /** What holds for items of no slice: the slice `@default`. */
  readonly rest: Slice | undefined
}

/** Undefined when the element is not sliced, or when no slice demands anything. */
export const slicingCheck = (
  node: ElementNode,
  base: ElementNode | undefined,
  compile: CompileItem,
  registry: Registry,
): SlicingCheck | undefined => {
  if (node.slices.length === 0) return undefined
  const { slicing } = node.def
  const discriminators = slicing?.discriminator ?? implied(node)
  // A name without slicing only names, as older profiles do.
  if (!slicing && discriminators.length === 0) return undefined
  const slices = node.slices.map((slice, index) =>
    compileSlice(slice, index, node, base, discriminators, compile, registry),
  )
  const rules = slicing?.rules ?? 'open'
  const made: Slicing = {
    element: node.name.replace('[x]', ''),
    profile: node.root.url,
    rules,
    ordered: slicing?.ordered === true,
    slices: slices.filter(({ name }) => name !== '@default'),
    rest: slices.find(({ name }) => name === '@default'),
  }
  const silent = made.slices.every(
    (slice) => !slice.check && !slice.inner && slice.min === 0 && slice.max === Number.POSITIVE_INFINITY,
  )
  if (silent && rules === 'open' && !made.ordered && !made.rest) return undefined
  return (items, up, run) => judge(made, items, up, run)
}

/** Extensions are sliced by url and choices by type, said or not. */
const implied = (node: ElementNode): ElementDefinitionSlicingDiscriminator[] => {
  if (node.name === 'extension' || node.name === 'modifierExtension') return [{ type: 'value', path: 'url' }]
  return node.name.endsWith('[x]') ? [{ type: 'type', path: '$this' }] : []
}

const compileSlice = (
  slice: ElementNode,
  index: number,
  node: ElementNode,
  base: ElementNode | undefined,
  discriminators: readonly ElementDefinitionSlicingDiscriminator[],
  compile: CompileItem,
  registry: Registry,
): Slice => {
  const name = slice.def.sliceName ?? slice.name
  const renamed = slice.name === node.name ? undefined : typeOfRenamed(node, slice.name)
  const tests =
    renamed === undefined
      ? discriminators.map((each) => discriminatorTest(slice, each, index, registry))
      : [isOfType(renamed)]
  const check = compile(slice, base)
  if (discriminators.length === 0) tests.push(fitsBy(check))
  return {
    name,
    min: slice.def.min ?? 0,
    max: mostOf(slice.def),
    tests: tests.filter((test) => test !== undefined),
    check,
    inner: slicingCheck(slice, base, compile, registry),
  }
}

/** Without discriminators those belong that meet all that the slice demands. */
const fitsBy =
  (check: Check | undefined): SliceTest =>
  ({ value, sibling, place }, run) => {
    const trial = run.fork()
    check?.(value, sibling, place, trial)
    return !trial.hasErrors
  }

const isOfType =
  (type: string): SliceTest =>
  ({ place }) =>
    place.type === type

const judge = (slicing: Slicing, items: readonly Item[], up: Place, run: Judgement): void => {
  const { slices, rest } = slicing
  let members: (Item[] | undefined)[] | undefined
  let last = -1
  let outside = false
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Item
    const index = sliceOf(slices, item, run)
    if (index < 0) {
      outside = true
      if (rest) rest.check?.(item.value, item.sibling, item.place, run)
      else if (slicing.rules === 'closed') unknownItem(slicing, item, run)
      continue
    }
    order(slicing, item, index, last, outside, run)
    if (index > last) last = index
    const slice = slices[index] as Slice
    slice.check?.(item.value, item.sibling, item.place, run)
    members ??= []
    const own = members[index]
    if (own) own.push(item)
    else members[index] = [item]
  }
  for (let index = 0; index < slices.length; index++)
    count(slicing, slices[index] as Slice, members?.[index] ?? none, up, run)
}

const none: readonly Item[] = []

const sliceOf = (slices: readonly Slice[], item: Item, run: Judgement): number => {
  for (let index = 0; index < slices.length; index++)
    if (isIn(slices[index] as Slice, item, run)) return index
  return -1
}

/** Without a test nothing belongs: a slice that cannot be told apart. */
const isIn = ({ tests }: Slice, item: Item, run: Judgement): boolean => {
  for (let index = 0; index < tests.length; index++) if (!(tests[index] as SliceTest)(item, run)) return false
  return tests.length > 0
}

const unknownItem = ({ slices, profile }: Slicing, { place }: Item, run: Judgement): void =>
  run.error(
    'structure',
    'slice-closed',
    place,
    `belongs to none of the slices ${slices.map(({ name }) => name).join(', ')}, and ${profile} allows no others.`,
  )

const order = (
  slicing: Slicing,
  { place }: Item,
  index: number,
  last: number,
  outside: boolean,
  run: Judgement,
): void => {
  const { name } = slicing.slices[index] as Slice
  if (slicing.ordered && index < last)
    run.error('structure', 'slice-order', place, `of slice ${name} must stand before those of later slices.`)
  if (slicing.rules === 'openAtEnd' && outside)
    run.error('structure', 'slice-end', place, `of slice ${name} must stand before those of no slice.`)
}

const count = (slicing: Slicing, slice: Slice, items: readonly Item[], up: Place, run: Judgement): void => {
  slice.inner?.(items, up, run)
  if (items.length >= slice.min && items.length <= slice.max) return
  const place: Place = { up, name: slicing.element, index: -1, type: '' }
  if (items.length < slice.min)
    run.error(
      'required',
      'slice-min',
      place,
      `has ${items.length} of slice ${slice.name}; ${slicing.profile} demands at least ${slice.min}.`,
    )
  else if (slice.max === 0)
    run.error(
      'structure',
      'slice-max',
      place,
      `is of slice ${slice.name}, which ${slicing.profile} does not allow.`,
    )
  else
    run.error(
      'structure',
      'slice-max',
      place,
      `has ${items.length} of slice ${slice.name}; ${slicing.profile} allows ${slice.max}.`,
    )
}
