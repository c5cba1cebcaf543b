/** One Lamplight per data folder: a listening socket that the kernel drops with its process, however that ends. */
import { createHash } from 'node:crypto'
import { closeSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join, relative } from 'node:path'

/** Holding the folder; `release` lets the next one in. */
export type Lock = { release(): Promise<void> }

/** The shortest limit of the platforms for the path of a socket, in bytes. */
export const longestSocketPath = 103

type Address = { readonly path: string; readonly close: () => void }

/** A name for the socket that fits: Linux reaches a long path through an open folder. */
const address = (folder: string): Address => {
  const path = join(folder, 'lock')
  if (process.platform === 'win32') {
    const key = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 24)
    return { path: `\\\\.\\pipe\\lamplight-${key}`, close: () => {} }
  }
  const short = [path, relative(process.cwd(), path)].find((p) => Buffer.byteLength(p) <= longestSocketPath)
  if (short) return { path: short, close: () => {} }
  if (process.platform !== 'linux')
    throw new Error(
      `The path of the data folder ${folder} is too long for this system; choose a shorter LAMPLIGHT_DATA.`,
    )
  const descriptor = openSync(folder, 'r')
  return { path: `/proc/self/fd/${descriptor}/lock`, close: () => closeSync(descriptor) }
}

const listen = (path: string): Promise<Server | undefined> =>
  new Promise((done, fail) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)))
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(undefined) : fail(error),
    )
    server.listen(path, () => done(server.unref()))
  })

/** The process id of the holder, undefined when the socket was left by a dead process. */
const holder = (path: string): Promise<string | undefined> =>
  new Promise((done) => {
    let text = ''
    const socket = connect(path)
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('error', (error: NodeJS.ErrnoException) =>
      done(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? undefined : 'unknown'),
    )
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.on('close', () => done(text === '' ? 'unknown' : text))
  })

/** Moves exactly the dead socket away; one that somebody has just made is put back. */
const removeDead = (path: string, inode: number): void => {
  const aside = `${path}.${process.pid}`
  renameSync(path, aside)
  if (statSync(aside).ino !== inode) linkSync(aside, path)
  rmSync(aside)
}

const clear = (path: string, inode: number | undefined): void => {
  if (process.platform === 'win32' || inode === undefined) return
  try {
    removeDead(path, inode)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino

/** Takes the folder or throws a sentence that names who has it. */
export const lockFolder = async (folder: string): Promise<Lock> => {
  const { path, close } = address(folder)
  for (let attempt = 0; attempt < 5; attempt++) {
    const server = await listen(path)
    if (server)
      return {
        release: async () => {
          await new Promise((done) => server.close(done))
          close()
        },
      }
    const inode = process.platform === 'win32' ? undefined : inodeOf(path)
    const pid = await holder(path)
    if (pid !== undefined) {
      close()
      throw new Error(
        `Another Lamplight (process ${pid}) already uses the data folder ${folder}. Stop it first, or give this one a folder of its own with LAMPLIGHT_DATA.`,
      )
    }
    clear(path, inode)
  }
  close()
  throw new Error(`The data folder ${folder} cannot be locked: too many servers are starting on it at once.`)
}
