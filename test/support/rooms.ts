/** The walls of the house: what src/rooms.json allows, checked against every import in src/. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

/** `may`: rooms it may import. `npm`: packages that only it (and others that name them) may import. */
type Room = {
  readonly may: readonly string[]
  readonly npm?: readonly string[]
  /** Its folders may not import each other, except those in `shared`. */
  readonly slices?: boolean
  readonly shared?: readonly string[]
}

export type Rooms = Readonly<Record<string, Room>>

/** One import: `from` and `to` are paths below src/, `to` is the package's name when it comes from npm. */
export type Arrow = {
  readonly from: string
  readonly line: number
  readonly specifier: string
  readonly to: string
  readonly isPackage: boolean
}

/** Source texts by path below src/. */
export type Sources = Readonly<Record<string, string>>

const slashes = (path: string): string => path.split(sep).join('/')

export const readRooms = (root: string): Rooms =>
  JSON.parse(readFileSync(join(root, 'src/rooms.json'), 'utf8')) as Rooms

export const readSources = (root: string): Sources => {
  const src = join(root, 'src')
  const files = globSync('**/*.ts', { cwd: src }).map(slashes).sort()
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]))
}

/** Comments become spaces, so that what they mention is no import and lines keep their numbers. */
const withoutComments = (text: string): string =>
  text.replace(/^\s*(\/\/.*|\/\*[\s\S]*?\*\/)/gm, (comment) => comment.replace(/[^\n]/g, ' '))

const importForm =
  /(?:^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*|^\s*import\s*|\bimport\(\s*|\brequire\(\s*|\.resolve\(\s*)['"]([^'"]+)['"]/gm

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const arrow = (from: string, line: number, specifier: string): Arrow => {
  const isPackage = !specifier.startsWith('.')
  const to = isPackage ? packageOf(specifier) : slashes(join(dirname(from), specifier))
  return { from, line, specifier, to, isPackage }
}

/** Every import of the sources, type imports too: a type is knowledge. */
export const arrowsIn = (sources: Sources): Arrow[] =>
  Object.entries(sources).flatMap(([from, source]) => {
    const text = withoutComments(source)
    return [...text.matchAll(importForm)].map((match) => {
      const position = match.index + match[0].lastIndexOf(match[1]!)
      return arrow(from, text.slice(0, position).split('\n').length, match[1]!)
    })
  })

const isTopLevel = (path: string): boolean => !path.includes('/')
const roomOf = (path: string): string => path.split('/')[0]!

const at = ({ from, line }: Arrow): string => `src/${from}:${line}`

const checkWall = (rooms: Rooms, a: Arrow): string[] => {
  const from = roomOf(a.from)
  if (a.to.startsWith('..')) return checkOutside(a)
  if (isTopLevel(a.to)) return [`${at(a)} a room must not import ${a.to}, which knows every room`]
  const to = roomOf(a.to)
  if (to === from) return checkSlice(rooms[from]!, a)
  if (rooms[from]!.may.includes(to)) return []
  return [
    `${at(a)} ${from} must not import ${to} (${a.specifier}); it may import ${rooms[from]!.may.join(', ') || 'nothing'}`,
  ]
}

/** Outside of src/ there is data only (package.json, profiles) and no code to lean on. */
const checkOutside = (a: Arrow): string[] =>
  /\.json$/.test(a.to) ? [] : [`${at(a)} ${a.specifier} leaves src/`]

const checkSlice = (room: Room, a: Arrow): string[] => {
  if (!room.slices) return []
  const [from, to] = [a.from.split('/')[1]!, a.to.split('/')[1]!]
  if (from === to || room.shared?.includes(to)) return []
  return [`${at(a)} ${roomOf(a.from)}/${from} must not import its neighbour ${to} (${a.specifier})`]
}

const checkPackage = (rooms: Rooms, a: Arrow): string[] => {
  if (a.specifier.startsWith('node:')) return []
  const owners = Object.keys(rooms).filter((name) => rooms[name]!.npm?.includes(a.to))
  if (owners.length === 0 || owners.includes(roomOf(a.from))) return []
  return [`${at(a)} only ${owners.join(' and ')} may import the package ${a.to}`]
}

/** Broken walls as sentences that begin with file:line. */
export const brokenWalls = (rooms: Rooms, arrows: readonly Arrow[]): string[] =>
  arrows.flatMap((a) => {
    if (isTopLevel(a.from)) return []
    if (!rooms[roomOf(a.from)]) return [`${at(a)} ${roomOf(a.from)} is not a room in src/rooms.json`]
    return a.isPackage ? checkPackage(rooms, a) : checkWall(rooms, a)
  })

/** Relative imports of files that are not there. */
export const unresolved = (root: string, arrows: readonly Arrow[]): string[] =>
  arrows
    .filter((a) => !a.isPackage && !existsSync(join(root, 'src', a.to)))
    .map((a) => `${at(a)} there is no ${a.specifier}`)

const forbidden = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'manager',
  'service',
  'misc',
  'lib',
])

/** Names that say nothing, and names that are not kebab-case. */
export const badNames = (paths: readonly string[]): string[] =>
  paths.flatMap((path) =>
    path.split('/').flatMap((part) => {
      const name = basename(part).replace(/(\.property)?(\.test|\.bench)?\.ts$/, '')
      if (forbidden.has(name)) return [`src/${path}: ${name} says nothing about what is inside`]
      return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? [] : [`src/${path}: ${name} is not kebab-case`]
    }),
  )

/** A way from `node` back to itself, or undefined. */
const cycleFrom = (
  node: string,
  edges: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  path: string[],
): string[] | undefined => {
  if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
  if (done.has(node)) return undefined
  for (const next of edges.get(node) ?? []) {
    const cycle = cycleFrom(next, edges, done, [...path, node])
    if (cycle) return cycle
  }
  done.add(node)
  return undefined
}

const firstCycles = (edges: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>()
  return [...edges.keys()].flatMap((node) => {
    const cycle = cycleFrom(node, edges, done, [])
    for (const member of cycle ?? []) done.add(member)
    return cycle ? [cycle.join(' → ')] : []
  })
}

/** Cycles between rooms as the table allows them. */
export const roomCycles = (rooms: Rooms): string[] =>
  firstCycles(new Map(Object.entries(rooms).map(([name, { may }]) => [name, may]))).map(
    (cycle) => `src/rooms.json: the rooms ${cycle} are a cycle`,
  )

/** Cycles between files at run time; `typeArrow` tells which imports vanish. */
export const fileCycles = (arrows: readonly Arrow[], sources: Sources): string[] => {
  const edges = new Map<string, string[]>()
  for (const a of arrows) {
    if (a.isPackage || isTypeOnly(a, sources)) continue
    edges.set(a.from, [...(edges.get(a.from) ?? []), a.to])
  }
  return firstCycles(edges).map((cycle) => `src/${cycle} is a cycle of imports`)
}

const isTypeOnly = (a: Arrow, sources: Sources): boolean => {
  const lines = sources[a.from]!.split('\n').slice(0, a.line)
  const opening = lines.findLast((line) => /^\s*(import|export)\b/.test(line))
  return opening !== undefined && /^\s*(import|export) type\b/.test(opening)
}

/** Rooms named in the table that name rooms which are not there. */
const unknownRooms = (rooms: Rooms): string[] =>
  Object.entries(rooms).flatMap(([name, { may }]) =>
    may.filter((m) => !rooms[m]).map((m) => `src/rooms.json: ${name} may import ${m}, which is no room`),
  )

/** Everything that is wrong with the house at `root`. */
export const inspect = (root: string): string[] => {
  const rooms = readRooms(root)
  const sources = readSources(root)
  const arrows = arrowsIn(sources)
  const folders = globSync('*/', { cwd: join(root, 'src') }).map((f) => slashes(relative('.', f)))
  const strangers = folders.filter((f) => f !== 'decisions' && !rooms[f])
  return [
    ...strangers.map((f) => `src/${f} is not a room in src/rooms.json`),
    ...unknownRooms(rooms),
    ...roomCycles(rooms),
    ...badNames(Object.keys(sources)),
    ...brokenWalls(rooms, arrows),
    ...unresolved(root, arrows),
    ...fileCycles(arrows, sources),
  ]
}
