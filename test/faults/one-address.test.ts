// Two databases under one address: a name that stands for another server in each network, or one namespace for both.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TestProject } from '../support/project.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf } from './figures.js'
import { createFleetProject, waiting } from './fleet.js'
import {
  answers,
  answersOf,
  Crowd,
  createApp,
  isConfirmed,
  type OneAddress,
  openOneAddress,
  ours,
} from './installations.js'
import type { SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, size } from './size.js'

const pollIntervalMs = size(1_000, 300)
const [alpha, beta] = [answersOf('alpha', ['beta']), answersOf('beta', ['alpha'])]

let project: TestProject
let machines: readonly [DatabaseMachine, DatabaseMachine]
let redis: RedisMachine
const crowd = new Crowd()

beforeAll(async () => {
  machines = [await DatabaseMachine.start({ migrated: false }), await DatabaseMachine.start({ migrated: false })]
}, hangMs)
beforeEach(async () => {
  project = await createFleetProject()
  redis = await RedisMachine.start()
})
afterEach(async () => {
  await crowd.end()
  await redis.stop()
  await project.close()
})
afterAll(async () => {
  for (const machine of machines ?? []) await machine.stop()
})

function options(databaseUrl: string, more: Partial<SentOptions> = {}): SentOptions {
  return { root: project.root, databaseUrl, redisUrl: redis.url(), pollIntervalMs, listen: false, ...more }
}

/** The URL over another port. */
function over(url: string, port: number, user = 'postgres'): string {
  const other = new URL(url)
  other.port = String(port)
  other.username = user
  return other.href
}

const blobs = () => redis.keys('sluice:*:blob:*')

describe('two databases under one address', () => {
  let address: OneAddress
  let urls: readonly [string, string]
  let others: readonly [TestProject, TestProject]
  beforeEach(async () => {
    others = [await createFleetProject(), await createFleetProject()]
    address = await openOneAddress({ alpha: machines[0].port, beta: machines[1].port })
    for (const [index, user] of ['alpha', 'beta'].entries()) {
      const machine = machines[index === 0 ? 0 : 1]
      await machine.query(`drop database if exists app with (force)`)
      await machine.query(`drop role if exists ${user}`)
      await machine.query(`create role ${user} superuser login`)
    }
    urls = [await createApp(machines[0], 'alpha'), await createApp(machines[1], 'beta')]
  })
  afterEach(async () => {
    await crowd.end()
    await address.close()
    for (const other of others) await other.close()
  })

  const ways: readonly (readonly [string, (index: 0 | 1) => Partial<SentOptions> & { databaseUrl: string }])[] = [
    ['a name that stands for another server in each network', (index) => ({ databaseUrl: addressed(index) })],
    ['one namespace for both', (index) => ({ databaseUrl: addressed(index), namespace: 'same' })],
  ]
  function addressed(index: 0 | 1): string {
    return over(urls[index], address.port, index === 0 ? 'alpha' : 'beta')
  }

  it.each(ways)(
    '(%s) are told apart as soon as both have answered, and both sides say so',
    async (way, own) => {
      const fault = `two identities under one address (${way})`
      const [ownRoot, otherRoot] = [project.root, others[0].root]
      const at = (index: 0 | 1, root: string) => options(urls[index], { ...own(index), root })
      const first = await crowd.start(at(0, ownRoot), alpha)
      await vi.waitFor(async () => expect(await blobs()).toHaveLength(1), waiting)
      // Nothing in Redis or on its disk tells it that there is another: what it answers before Postgres does is not asked here.
      const second = await crowd.start(at(1, otherRoot))
      await answers(second, beta)
      await vi.waitFor(async () => expect(await blobs()).toHaveLength(2), waiting)
      for (const member of [first, second]) {
        await vi.waitFor(async () => {
          expect((await member.look()).statuses[0]?.warnings.join()).toContain('namespace')
        }, waiting)
      }
      // A process that has its own Postgres, and one whose disk knows which database is the own one.
      for (const root of [others[1].root, ownRoot]) await crowd.start(at(0, root), alpha)
      await crowd.start(at(1, otherRoot), beta)

      for (const user of ['alpha', 'beta']) address.away.add(user)
      const known = await crowd.start(at(1, otherRoot), beta)
      expect((await known.look()).statuses).toMatchObject([{ source: 'redis' }])
      // Each on a disk of its own: on a common one, whose database answers first leaves a copy there, which the other would read.
      const fresh = [await createFleetProject(), await createFleetProject()] as const
      for (const index of [0, 1] as const) {
        const unknown = await crowd.start(at(index, fresh[index].root), [
          { flag: 'changing', actor: ours(index === 0 ? 'beta' : 'alpha'), answer: false },
        ])
        const look = await unknown.look()
        expect(look.statuses).toMatchObject([{ source: 'definitions' }])
        expect(look.statuses[0]?.warnings.join()).toContain('namespace')
      }
      address.away.clear()
      for (const member of crowd.members) await isConfirmed(member)
      await crowd.expectSound()
      allOf(fault, 'processes with no foreign answer', crowd.members.length, crowd.members.length)
      await crowd.end()
      for (const one of fresh) await one.close()
    },
    hangMs,
  )
})
