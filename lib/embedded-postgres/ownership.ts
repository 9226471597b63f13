// Who owns the embedded database: at most one process at a time, without lock files that go stale.
//
// A candidate listens on a socket of its own, gives it its public name (`.s.PGSQL.<number>`) only when it listens, and
// then looks at all the other public names. If one of them answers, it gives up and tries again later.
//   - Of two candidates, the one that began to listen last sees the other one, so never do both succeed.
//   - The kernel closes the sockets of a dead process, however it died. A public name that refuses is dead for ever,
//     because names are never used twice and get public only after listen(): so anybody may delete it at any time.
//   - A process that hangs still answers (the kernel does it), and is never robbed.
// Naming first and listening afterwards, or checking first and listening afterwards, would allow two owners.
import { randomInt } from 'node:crypto'
import { statSync } from 'node:fs'
import { chmod, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { errorText, StoreUnavailable } from '../errors.js'
import { publicPort, socketName } from './folder.js'

export interface Claim {
  /** The claim's own socket; nobody connects to it for more than a look before it is published. */
  readonly server: Server
  readonly port: number
  /** False once the socket's name is gone or is another's: whoever holds the claim must not touch the data any more. */
  holds(): boolean
  /** Makes the socket the one that clients find. */
  publish(): Promise<void>
  /** Clients do not find it any more, but the claim still stands. */
  withdraw(): Promise<void>
  /** Gives the claim up; the next owner may start at this moment. */
  release(): Promise<void>
}

/** Whether a process listens there; one that hangs does. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Any other failure (such as EAGAIN: its backlog is full) means that somebody is there.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}

/** Whether the folder has an owner who serves clients. */
export function isServed(sockets: string): Promise<boolean> {
  return answers(join(sockets, socketName(publicPort)))
}

/** Claims the folder; null while any other process owns it or stands for it. Throws StoreUnavailable without sockets. */
export async function stand(sockets: string): Promise<Claim | null> {
  if ((await others(sockets, null)).alive) return null
  const claim = await listen(sockets)
  try {
    const { alive, dead } = await others(sockets, claim.port)
    if (alive || !claim.holds()) {
      await claim.release()
      return null
    }
    await Promise.all(dead.map((path) => rm(path, { force: true })))
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
  // Seven digits: random enough to meet nobody, short enough for the longest path that prepareFolder lets through.
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
    // Owning the database must not keep a process alive that has nothing else to do.
    server.unref()
    return claimOf({ server, port, sockets, path, inode: statSync(path).ino })
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
  readonly inode: number
}

function claimOf({ server, port, sockets, path, inode }: Listening): Claim {
  const shared = join(sockets, socketName(publicPort))
  let published = false
  const claim: Claim = {
    server,
    port,
    holds: () => statSync(path, { throwIfNoEntry: false })?.ino === inode,
    async publish() {
      const link = join(sockets, `.link.${port}`)
      await symlink(socketName(port), link)
      await rename(link, shared)
      published = true
      // For people who wonder which process it is; nothing reads it.
      await writeFile(join(sockets, 'owner.pid'), `${process.pid}\n`, { mode: 0o600 })
    },
    async withdraw() {
      // Without the claim the shared name may be the next owner's.
      if (published && claim.holds()) await rm(shared, { force: true })
      published = false
    },
    async release() {
      try {
        await claim.withdraw()
        if (claim.holds()) await rm(path, { force: true })
      } finally {
        await new Promise<void>((resolve) => server.close(() => resolve()))
      }
    },
  }
  return claim
}
