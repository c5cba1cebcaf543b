/** Makes tar archives, good and bad, for tests of packages. */
import { gzipSync } from 'node:zlib'

export type Member = { readonly name: string; readonly content?: string | Buffer; readonly type?: string }

const header = (name: string, size: number, type: string): Buffer => {
  const block = Buffer.alloc(512)
  block.write(name, 0, 100, 'utf8')
  block.write('0000644\0', 100)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write('        ', 148)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

export const tar = (members: readonly Member[]): Buffer => {
  const parts: Buffer[] = []
  for (const { name, content = '', type = '0' } of members) {
    const bytes = Buffer.from(content)
    parts.push(header(name, bytes.length, type), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512))
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

export const tgz = (members: readonly Member[]): Buffer => gzipSync(tar(members))

/** The members of a package with these definitions. */
export const packageOf = (
  manifest: Readonly<Record<string, unknown>>,
  definitions: readonly { readonly resourceType: string; readonly id: string }[],
): Member[] => [
  ...definitions.map((one) => ({
    name: `package/${one.resourceType}-${one.id}.json`,
    content: JSON.stringify(one),
  })),
  { name: 'package/package.json', content: JSON.stringify(manifest) },
]
