// The place of the embedded database: <root>/.feature/postgres, readable by its user only.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError, errorText, StoreUnavailable } from '../errors.js'

export interface EmbeddedFolder {
  /** Holds the data. */
  readonly home: string
  /** Holds the sockets; `home`, unless its path is too long for a socket. */
  readonly sockets: string
}

/** The port in the name of the socket that clients use: `.s.PGSQL.5432`. */
export const publicPort = 5432

/** macOS allows 103 bytes, Linux 107. */
const longestSocketPath = 100

/** Postgres clients, psql too, look for this name in the folder that is given as host. */
export function socketName(port: number): string {
  return `.s.PGSQL.${port}`
}

/** Makes the folders. Throws StoreUnavailable if they cannot be made or belong to another user. */
export async function prepareFolder(root: string): Promise<EmbeddedFolder> {
  if (process.platform === 'win32') {
    const problem = 'the embedded database needs Unix sockets, which Windows lacks'
    throw new ConfigurationError({ problem, remedy: 'set DATABASE_URL' })
  }
  try {
    const above = join(await realpath(root), '.feature')
    await mkdir(above, { recursive: true, mode: 0o700 })
    await ignoreInGit(above)
    const home = await privateFolder(join(await realpath(above), 'postgres'))
    return { home, sockets: await socketFolder(home) }
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    throw new StoreUnavailable('store_unavailable', {
      problem: `the embedded database cannot use "${join(root, '.feature')}": ${errorText(error)}`,
      remedy: 'make it writable, or set DATABASE_URL',
      cause: error,
    })
  }
}

async function socketFolder(home: string): Promise<string> {
  if (Buffer.byteLength(join(home, socketName(publicPort))) <= longestSocketPath) return home
  // Every process must find the same folder, and TMPDIR often differs between a shell and a service.
  const base = existsSync('/tmp') ? '/tmp' : tmpdir()
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16)
  return privateFolder(join(base, `sluice-${hash}`))
}

/** Makes the folder 0700; another user could have put a link or a folder of their own there to listen in. */
async function privateFolder(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(path)
  const me = process.geteuid?.()
  if (!found.isDirectory() || found.uid !== me) {
    const what = found.isDirectory() ? `of uid ${found.uid}` : 'no folder'
    throw new StoreUnavailable('store_unavailable', {
      problem: `"${path}" must be a folder of the user who runs this (uid ${me}), but it is ${what}`,
      remedy: 'remove it, or run as its owner',
    })
  }
  if ((found.mode & 0o777) !== 0o700) await chmod(path, 0o700)
  return path
}

/** Some 40 MB of data must not get into a commit by accident. */
async function ignoreInGit(folder: string): Promise<void> {
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
}
