/** ConceptMap/$translate: http://hl7.org/fhir/R4/conceptmap-operation-translate.html */
import type { ConceptMap, ConceptMapGroup, ConceptMapGroupElementTarget } from 'fhir/r4.js'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import type { CodedValue } from './model.ts'
import { splitCanonical } from './scope.ts'

/** `dependsOn` are the values of the dependencies that the caller has, by their element. */
export type Translate = {
  readonly values: readonly CodedValue[]
  readonly reverse: boolean
  /** Only to this system, if given. */
  readonly targetSystem?: string
  readonly dependsOn: ReadonlyMap<string, string>
}

export type Translation = {
  readonly equivalence: string
  readonly concept?: {
    readonly system?: string
    readonly version?: string
    readonly code: string
    readonly display?: string
  }
  readonly products: readonly {
    readonly element: string
    readonly system?: string
    readonly value: string
    readonly display?: string
  }[]
  /** Canonical of the map that says it. */
  readonly source: string
}

const deepest = 5

/** All translations by these maps, in their order. */
export const translate = (
  canonicals: Canonicals,
  maps: readonly ConceptMap[],
  request: Translate,
): readonly Translation[] => maps.flatMap((map) => byMap(canonicals, map, request, 0))

const byMap = (
  canonicals: Canonicals,
  map: ConceptMap,
  request: Translate,
  depth: number,
): readonly Translation[] => {
  const url = map.url ?? map.id ?? ''
  const source = map.version === undefined ? url : `${url}|${map.version}`
  return (map.group ?? []).flatMap((group) =>
    request.values.flatMap((value) =>
      request.reverse
        ? backward(group, value, request, source)
        : forward(canonicals, group, value, request, source, depth),
    ),
  )
}

const isSystem = (group: string | undefined, version: string | undefined, value: CodedValue): boolean =>
  (group === undefined || value.system === undefined || splitCanonical(group).url === value.system) &&
  (version === undefined || value.version === undefined || version === value.version)

const forward = (
  canonicals: Canonicals,
  group: ConceptMapGroup,
  value: CodedValue,
  request: Translate,
  source: string,
  depth: number,
): readonly Translation[] => {
  const { targetSystem } = request
  if (!isSystem(group.source, group.sourceVersion, value)) return []
  if (
    targetSystem !== undefined &&
    group.target !== undefined &&
    splitCanonical(group.target).url !== targetSystem
  )
    return []
  const elements = group.element.filter(({ code }) => code === value.code)
  const targets = elements.flatMap(({ target = [] }) => target)
  if (elements.length === 0 || targets.length === 0)
    return elements.length > 0 ? [] : unmapped(canonicals, group, value, request, source, depth)
  return targets
    .filter((target) => dependsOk(target, request.dependsOn))
    .map((target) => fromTarget(group, target, source))
}

const dependsOk = (
  { dependsOn = [] }: ConceptMapGroupElementTarget,
  has: ReadonlyMap<string, string>,
): boolean => dependsOn.every(({ property, value }) => has.get(property) === value)

const fromTarget = (
  group: ConceptMapGroup,
  target: ConceptMapGroupElementTarget,
  source: string,
): Translation => ({
  equivalence: target.equivalence,
  ...(target.code === undefined
    ? {}
    : { concept: conceptOf(group.target, group.targetVersion, target.code, target.display) }),
  products: (target.product ?? []).map(({ property, system, value, display }) => ({
    element: property,
    value,
    ...(system === undefined ? {} : { system }),
    ...(display === undefined ? {} : { display }),
  })),
  source,
})

const conceptOf = (
  canonical: string | undefined,
  version: string | undefined,
  code: string,
  display: string | undefined,
): NonNullable<Translation['concept']> => {
  const parts = canonical === undefined ? undefined : splitCanonical(canonical)
  const shown = version ?? parts?.version
  return {
    ...(parts === undefined ? {} : { system: parts.url }),
    ...(shown === undefined ? {} : { version: shown }),
    code,
    ...(display === undefined ? {} : { display }),
  }
}

/** http://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.unmapped */
const unmapped = (
  canonicals: Canonicals,
  group: ConceptMapGroup,
  value: CodedValue,
  request: Translate,
  source: string,
  depth: number,
): readonly Translation[] => {
  if (!group.unmapped) return []
  const { mode, code, display, url } = group.unmapped
  if (mode === 'provided')
    return [
      {
        equivalence: 'equal',
        concept: conceptOf(group.target, group.targetVersion, value.code, value.display),
        products: [],
        source,
      },
    ]
  if (mode === 'fixed')
    return code === undefined
      ? []
      : [
          {
            equivalence: 'relatedto',
            concept: conceptOf(group.target, group.targetVersion, code, display),
            products: [],
            source,
          },
        ]
  const other = url === undefined || depth >= deepest ? undefined : canonicals.resolve('ConceptMap', url)
  return other ? byMap(canonicals, other, { ...request, values: [value] }, depth + 1) : []
}

/** What `wider` is in one direction is `narrower` in the other. */
const inverse: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
}

const backward = (
  group: ConceptMapGroup,
  value: CodedValue,
  { targetSystem, dependsOn }: Translate,
  source: string,
): readonly Translation[] => {
  if (!isSystem(group.target, group.targetVersion, value)) return []
  if (
    targetSystem !== undefined &&
    group.source !== undefined &&
    splitCanonical(group.source).url !== targetSystem
  )
    return []
  return group.element.flatMap((element) =>
    (element.target ?? [])
      .filter((target) => target.code === value.code && dependsOk(target, dependsOn))
      .flatMap((target): Translation[] =>
        element.code === undefined
          ? []
          : [
              {
                equivalence: inverse[target.equivalence] ?? target.equivalence,
                concept: conceptOf(group.source, group.sourceVersion, element.code, element.display),
                products: [],
                source,
              },
            ],
      ),
  )
}

/** Equivalences that are no translation: http://hl7.org/fhir/R4/valueset-concept-map-equivalence.html */
export const isTranslation = ({ equivalence, concept }: Translation): boolean =>
  concept !== undefined && equivalence !== 'unmatched' && equivalence !== 'disjoint'

/** The maps from one value set or system to another; either may be left open. */
export const findMaps = (
  canonicals: Canonicals,
  source: string | undefined,
  target: string | undefined,
): readonly ConceptMap[] =>
  canonicals
    .list('ConceptMap')
    .map(({ url, version }) =>
      canonicals.resolve('ConceptMap', version === undefined ? url : `${url}|${version}`),
    )
    .filter((map) => map !== undefined)
    .filter((map) => isBetween(map, 'source', source) && isBetween(map, 'target', target))

/** Whether the map is from, or to, this value set; undefined is any. */
export const isBetween = (
  map: ConceptMap,
  side: 'source' | 'target',
  valueSet: string | undefined,
): boolean => valueSet === undefined || isSame(map[`${side}Uri`] ?? map[`${side}Canonical`], valueSet)

const isSame = (one: string | undefined, other: string): boolean =>
  one !== undefined && splitCanonical(one).url === splitCanonical(other).url
