// Installations that share what they should not: a Redis, a disk, the text of an address, a name.
import { connect, createServer, type Socket } from 'node:net'
import { Client } from 'pg'
import { expect, vi } from 'vitest'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { CheckerProcess } from './checker-process.js'
import { type DatabaseMachine, openStore, tables } from './database-machine.js'
import { waiting } from './fleet.js'
import type { Expected, SentOptions } from './process/messages.js'
import { changeOf } from '../support/change.js'

/** The installations' names are the only actors for whom `changing` is on, each in its own database. */
export const ours = (name: string): string => `User:${name}`

/** What a process of one installation answers, while it knows nothing of the others. */
export function answersOf(own: string, others: readonly string[]): readonly Expected[] {
  const foreign = others.map((name) => ({ flag: 'changing', actor: ours(name), answer: false }))
  return [{ flag: 'changing', actor: ours(own), answer: true }, ...foreign]
}

/** Makes a database of that name on the machine, with the flag on for the installation. Returns its URL. */
export async function createApp(machine: DatabaseMachine, installation: string, name = 'app'): Promise<string> {
  await machine.query(`create database ${name}`)
  const url = machine.url().replace(/postgres$/, name)
  await migrate({ connection: { connectionString: url }, tables })
  await enableIn(url, 'changing', ours(installation))
  return url
}

export async function enableIn(url: string, feature: string, actor: string): Promise<void> {
  const store = openStore(url)
  await store.apply(changeOf({ feature, operation: { kind: 'add', gate: 'actors', values: [actor] } }))
  await store.close()
}

export async function standingOf(url: string): Promise<unknown> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select database_id, version, nonce from feature_state')
  await client.end()
  return rows
}

/** Processes that end with the test, each asked all the time for what it must answer. */
export class Crowd {
  readonly members: CheckerProcess[] = []

  async start(options: SentOptions, expected: readonly Expected[] = []): Promise<CheckerProcess> {
    const member = new CheckerProcess()
    this.members.push(member)
    // Another installation's answers are never right, its own once it has content.
    const isForeign = ({ answer }: Expected) => !answer
    if (expected.every(isForeign)) await member.start(options, expected)
    else await member.startWithContent(options, expected, expected.filter(isForeign))
    return member
  }

  /** No answer was another installation's, and no log tells of a restore that never was. Returns how many warn now of two databases. */
  async expectSound(): Promise<number> {
    const looks = await Promise.all(this.members.map((member) => member.look()))
    for (const look of looks) {
      expect(look).toMatchObject({ threw: 0, wrong: 0, unhandled: [] })
      expect(look.warned.join()).not.toContain('at an older state')
    }
    return looks.filter(({ statuses }) => statuses[0]?.warnings.join().includes('namespace')).length
  }

  async end(): Promise<void> {
    await Promise.all(this.members.splice(0).map((member) => member.end('SIGKILL')))
  }
}

/** Waits until the process answers for each actor as given. */
export async function answers(member: CheckerProcess, expected: readonly Expected[]): Promise<void> {
  await vi.waitFor(async () => {
    for (const { flag, actor, answer } of expected) {
      expect(await member.ask({ do: 'ask', flag, actor })).toEqual([answer])
    }
  }, waiting)
}

/** Waits until Postgres has answered the process. */
export async function isConfirmed(member: CheckerProcess): Promise<void> {
  await vi.waitFor(async () => {
    expect((await member.look()).statuses).toMatchObject([{ source: 'postgres', degraded: false }])
  }, waiting)
}

export interface OneAddress {
  readonly port: number
  /** The users whose servers are away. */
  readonly away: Set<string>
  close(): Promise<void>
}

/**
 * One address that leads each user to another server: as a name does that stands for another machine in each network.
 * Who asks is no part of an address.
 */
export async function openOneAddress(portOf: Readonly<Record<string, number>>): Promise<OneAddress> {
  const sockets = new Map<Socket, string>()
  const away = new Set<string>()
  const server = createServer((client) => {
    client.on('error', () => {}) // Cut on purpose, or the other side is gone: 'close' follows.
    client.once('data', (first) => {
      const [user, port] = Object.entries(portOf).find(([name]) => first.includes(`user\0${name}\0`)) ?? []
      if (user === undefined || port === undefined || away.has(user)) {
        client.resetAndDestroy()
        return
      }
      const target = connect(port, '127.0.0.1')
      sockets.set(client, user)
      target.on('error', () => client.destroy())
      client.on('close', () => {
        sockets.delete(client)
        target.destroy()
      })
      target.on('close', () => client.destroy())
      target.write(first)
      client.pipe(target).pipe(client)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const cut = (isMeant: (user: string) => boolean) => {
    for (const [socket, user] of [...sockets]) if (isMeant(user)) socket.destroy()
  }
  return {
    port: address.port,
    away: Object.assign(away, {
      add: (user: string) => {
        Set.prototype.add.call(away, user)
        cut((one) => one === user)
        return away
      },
    }),
    close: async () => {
      cut(() => true)
      await new Promise((done) => server.close(done))
    },
  }
}
