/** Canonicals over packs: which definition a canonical names, and its content on first use. */
import type { CanonicalEntry, Canonicals, CanonicalType, CanonicalTypes } from '../canonicals.ts'
import { createKept } from './kept.ts'
import { packageName } from './manifest.ts'
import { type Pack, type PackedEntry, unpack } from './pack.ts'
import { compareVersions, isWithin } from './versions.ts'

type Candidate = { readonly entry: CanonicalEntry; readonly pack: Pack; readonly packed: PackedEntry }

/**
 * Of several definitions with one URL the best is, in this order: that of the package to whose canonical the URL
 * belongs most closely (R4 for its own URLs even when the extensions pack repeats them, THO for
 * http://terminology.hl7.org even when R4 has a copy), one that is not retired, the newest version, the newest
 * package, and the pack that stands first.
 */
export const canonicalsOf = (packs: readonly Pack[], generation: number): Canonicals => {
  const tables = new Map<CanonicalType, Table>()
  for (const pack of packs) index(tables, pack)
  const kept = createKept<Candidate>(({ pack, packed }) => unpack(pack, packed))
  const find = (type: CanonicalType, canonical: string): Candidate | undefined => {
    const bar = canonical.indexOf('|')
    const url = bar < 0 ? canonical : canonical.slice(0, bar)
    const candidates = tables.get(type)?.get(url)
    if (!candidates) return undefined
    return bar < 0 ? sorted(candidates)[0] : withVersion(sorted(candidates), canonical.slice(bar + 1))
  }
  const lists = new Map<CanonicalType, readonly CanonicalEntry[]>()
  return {
    generation,
    resolve: <T extends CanonicalType>(type: T, canonical: string) => {
      const candidate = find(type, canonical)
      return candidate && (kept(candidate) as CanonicalTypes[T])
    },
    list: (type) => {
      const known = lists.get(type)
      if (known) return known
      const made = [...(tables.get(type)?.values() ?? [])].flatMap((one) =>
        sorted(one).map(({ entry }) => entry),
      )
      lists.set(type, made)
      return made
    },
  }
}

/** Candidates are sorted when one is asked for: most URLs never are. */
type Candidates = { all: Candidate[]; sorted: boolean }
type Table = Map<string, Candidates>

const index = (tables: Map<CanonicalType, Table>, pack: Pack): void => {
  const source = packageName(pack.manifest)
  for (const packed of pack.entries) {
    const [type, url, version, name] = packed
    const entry: CanonicalEntry = Object.freeze({
      type,
      url,
      ...(version === null ? {} : { version }),
      ...(name === null ? {} : { name }),
      source,
    })
    const table = tables.get(type) ?? new Map<string, Candidates>()
    tables.set(type, table)
    const known = table.get(url)
    if (known) known.all.push({ entry, pack, packed })
    else table.set(url, { all: [{ entry, pack, packed }], sorted: false })
  }
}

const sorted = (candidates: Candidates): readonly Candidate[] => {
  if (!candidates.sorted) {
    candidates.all.sort(better)
    candidates.sorted = true
  }
  return candidates.all
}

const better = (a: Candidate, b: Candidate): number =>
  closeness(b) - closeness(a) ||
  retired(a) - retired(b) ||
  compareVersions(b.entry.version, a.entry.version) ||
  compareVersions(b.pack.manifest.version, a.pack.manifest.version)

/** Letters of the URL that are its package's canonical. */
const closeness = ({ entry, pack }: Candidate): number => {
  const { canonical } = pack.manifest
  return canonical !== undefined && entry.url.startsWith(`${canonical}/`) ? canonical.length : 0
}

const retired = ({ packed }: Candidate): number => packed[4]

/** R4 itself says `v3-NullFlavor|4.0.1` of a value set with a version of its own: the package's version is meant. */
const withVersion = (candidates: readonly Candidate[], version: string): Candidate | undefined =>
  candidates.find(({ entry }) => entry.version === version) ??
  candidates.find(({ pack }) => pack.manifest.version === version) ??
  newestWithin(candidates, version)

const newestWithin = (candidates: readonly Candidate[], partial: string): Candidate | undefined =>
  candidates
    .filter(({ entry }) => entry.version !== undefined && isWithin(entry.version, partial))
    .sort((a, b) => retired(a) - retired(b) || compareVersions(b.entry.version, a.entry.version))[0]
