// The ownership of the embedded database: at most one process at a time, without lock files that go stale.
//
// A candidate listens on a socket of its own, gives it its public name (`.s.PGSQL.<number>`) only when it listens, and
// then looks at all the other public names. If one of them answers, it gives up and tries again later.
//   - Of two candidates, the one that began to listen last sees the other one, so the two never both succeed.
//   - The kernel closes the sockets of a dead process, however it died. A public name that refuses stays dead, because
//     names are never used twice and become public only after listen(): so any process may delete it at any time.
//   - A process that hangs still answers (the kernel does it), and never loses its ownership.
// Naming first and listening afterwards, or checking first and listening afterwards, would allow two owners.
import { randomInt } from 'node:crypto'
import { statSync } from 'node:fs'
import { chmod, readdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { errorText, StoreUnavailable } from '../errors.js'
import { publicPort, socketName } from './folder.js'

export interface Claim {
  /** The owner's own socket; before it is published, other processes only look whether it answers. */
  readonly server: Server
  readonly port: number
  /** False once the socket's name is gone or belongs to another process: this process must not touch the data any more. */
  holds(): boolean
  /** Makes the socket the one that clients find. */
  publish(): Promise<void>
  /** Clients no longer find the socket, but the ownership remains. */
  withdraw(): Promise<void>
  /** Gives up the ownership; the next owner may start at once. */
  release(): Promise<void>
}

/** Whether a process listens there, even one that hangs. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Any other failure (such as EAGAIN: its backlog is full) means that a process listens.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}

/** Whether the folder has an owner that serves clients. */
export function isServed(sockets: string): Promise<boolean> {
  return answers(join(sockets, socketName(publicPort)))
}

/**
 * Tries to get the ownership of the folder; null while another process owns it or tries too. Throws StoreUnavailable without
 * sockets.
 */
export async function tryToOwn(sockets: string): Promise<Claim | null> {
  if ((await others(sockets, null)).alive) return null
  const claim = await listen(sockets)
  try {
    const { alive, dead } = await others(sockets, claim.port)
    if (alive || !claim.holds()) {
      await claim.release()
      return null
    }
    await Promise.all(dead.map(removeSocket))
    return claim
  } catch (error) {
    await claim.release()
    throw error
  }
}

async function others(sockets: string, own: number | null): Promise<{ alive: boolean; dead: readonly string[] }> {
  const names = (await readdir(sockets)).filter((name) => /^\.s\.PGSQL\.\d+$/.test(name))
  const paths = names
    .filter((name) => name !== socketName(publicPort) && (own === null || name !== socketName(own)))
    .map((name) => join(sockets, name))
  const found = await Promise.all(paths.map(answers))
  return { alive: found.includes(true), dead: paths.filter((_, index) => found[index] === false) }
}

async function listen(sockets: string): Promise<Claim> {
  // Seven digits: random enough to be the only such name, short enough for the longest path that prepareFolder allows.
  const port = randomInt(1_000_000, 10_000_000)
  const hidden = join(sockets, `.new.${port}`)
  const path = join(sockets, socketName(port))
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(hidden, resolve)
    })
    await chmod(hidden, 0o600)
    await rename(hidden, path)
    // Owning the database must not keep a process alive that has no other work.
    server.unref()
    return claimOf({ server, port, sockets, path, inode: statSync(path, { bigint: true }).ino })
  } catch (error) {
    server.close()
    throw new StoreUnavailable('store_unavailable', {
      problem: `the embedded database cannot make a socket in "${sockets}": ${errorText(error)}`,
      remedy: 'put the project on a local disk, or set DATABASE_URL',
      cause: error,
    })
  }
}

interface Listening {
  readonly server: Server
  readonly port: number
  readonly sockets: string
  readonly path: string
  readonly inode: bigint
}

/**
 * Stats of a socket are asked as bigints: after a plain one, Node (at least up to 20.20) takes the paths that it resolves next for
 * real ones and leaves their links as they are, so that packages behind links, as pnpm lays them out, no longer find their own.
 */
function inodeIfThere(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

/** Not with `rm`, which makes a plain stat first: see above. */
async function removeSocket(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

function claimOf({ server, port, sockets, path, inode }: Listening): Claim {
  const shared = join(sockets, socketName(publicPort))
  let published = false
  const claim: Claim = {
    server,
    port,
    holds: () => inodeIfThere(path) === inode,
    async publish() {
      const link = join(sockets, `.link.${port}`)
      await symlink(socketName(port), link)
      await rename(link, shared)
      published = true
      // For people who want to know the owning process; no program reads it.
      await writeFile(join(sockets, 'owner.pid'), `${process.pid}\n`, { mode: 0o600 })
    },
    async withdraw() {
      // After the ownership is lost, the shared name may be the next owner's.
      if (published && claim.holds()) await rm(shared, { force: true })
      published = false
    },
    async release() {
      try {
        await claim.withdraw()
        if (claim.holds()) await removeSocket(path)
      } finally {
        await new Promise<void>((resolve) => server.close(() => resolve()))
      }
    },
  }
  return claim
}
