/** The kinds of values that a setting can have: how they are written, read and refused. */

/** `read` throws a KindError whose message continues the sentence "NAME …". */
export type Kind<T> = { readonly name: string; readonly read: (given: string) => T }

/** Why a value cannot be read. */
export class KindError extends Error {}

const refuse = (why: string): never => {
  throw new KindError(why)
}

export const text: Kind<string> = { name: 'text', read: (given) => given }

/** Comma-separated; empty members are dropped. */
export const list: Kind<readonly string[]> = {
  name: 'list',
  read: (given) =>
    given
      .split(',')
      .map((member) => member.trim())
      .filter((member) => member !== ''),
}

/** `Patient=http://…,Observation=http://…`: what stands behind a type's name, which may be repeated. */
export const byType: Kind<ReadonlyMap<string, readonly string[]>> = {
  name: 'list of type=canonical',
  read: (given) => {
    const found = new Map<string, string[]>()
    for (const member of list.read(given)) {
      const at = member.indexOf('=')
      if (at < 1 || at === member.length - 1)
        return refuse('is a list such as Patient=http://example.org/profile')
      const type = member.slice(0, at)
      found.set(type, [...(found.get(type) ?? []), member.slice(at + 1)])
    }
    return found
  },
}

export const yesNo: Kind<boolean> = {
  name: 'true or false',
  read: (given) =>
    given === 'true' || given === 'false' ? given === 'true' : refuse('is either true or false'),
}

export const choice = <const T extends string>(...words: readonly T[]): Kind<T> => ({
  name: words.join(', '),
  read: (given) =>
    words.find((word) => word === given.toLowerCase()) ?? refuse(`is one of ${words.join(', ')}`),
})

const within = (value: number, least: number, most: number, show: (n: number) => string): number =>
  value >= least && value <= most ? value : refuse(`is between ${show(least)} and ${show(most)}`)

export const whole = (least: number, most: number): Kind<number> => ({
  name: 'whole number',
  read: (given) =>
    /^\d{1,12}$/.test(given) ? within(Number(given), least, most, String) : refuse('is a whole number'),
})

const sizes: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }
const showSize = (n: number): string =>
  n >= sizes.mb! ? `${n / sizes.mb!}MB` : n >= sizes.kb! ? `${n / sizes.kb!}KB` : `${n}`

/** In bytes. */
export const bytes = (least: number, most: number): Kind<number> => ({
  name: 'size, such as `50MB`',
  read: (given) => {
    const match = /^(\d{1,12})\s*(b|kb|mb|gb|)$/i.exec(given)
    if (!match) return refuse('is a size in bytes, or with a unit such as 512KB or 50MB')
    return within(Number(match[1]) * sizes[match[2]!.toLowerCase()]!, least, most, showSize)
  },
})

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

/** In milliseconds. */
export const duration = (least: number, most: number): Kind<number> => ({
  name: 'time, such as `30s`',
  read: (given) => {
    const match = /^(\d{1,9})\s*(ms|s|min|h)$/.exec(given)
    if (!match) return refuse('is a time with its unit, such as 500ms, 30s or 2min')
    return within(Number(match[1]) * units[match[2]!]!, least, most, (n) => `${n}ms`)
  },
})

/** Without trailing slash. The value is not repeated in errors: it may hold a password. */
export const url = (...protocols: readonly string[]): Kind<string> => ({
  name: 'URL',
  read: (given) => {
    const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ')
    if (!URL.canParse(given) || !protocols.includes(new URL(given).protocol))
      refuse(`is a URL beginning with ${schemes}`)
    return given.replace(/\/+$/, '')
  },
})
