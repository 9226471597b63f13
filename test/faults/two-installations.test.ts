// Installations that meet: in one Redis, on one disk, under one address, under one identity. Each answers with its own flags.
import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { serverBinary } from '../support/binaries.js'
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.js'
import type { TestProject } from '../support/project.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { createFleetProject, waiting } from './fleet.js'
import { answers, answersOf, Crowd, createApp, enableIn, isConfirmed, ours, standingOf } from './installations.js'
import { type Link, openLink } from './link.js'
import type { SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, isFull } from './size.js'

const pollIntervalMs = 300
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

describe('two servers with a database of one name, on one Redis and one disk', () => {
  it(
    'never answer for each other while their own Postgres is away, and never count each other',
    async () => {
      const fault = 'two installations on one Redis and one disk'
      const links: [Link, Link] = [await openLink(machines[0].port), await openLink(machines[1].port)]
      const urls = [
        over(await createApp(machines[0], 'alpha'), links[0].port),
        over(await createApp(machines[1], 'beta'), links[1].port),
      ] as const
      const [a, , b] = [
        await crowd.start(options(urls[0]), alpha),
        await crowd.start(options(urls[0]), alpha),
        await crowd.start(options(urls[1]), beta),
      ]
      const counts = { a: new Set<number | null>(), b: new Set<number | null>() }
      let written = 0
      await vi.waitFor(async () => {
        written += 1
        const write = { do: 'enable', flag: 'by_actor', actor: `User:${written}`, wait: true } as const
        counts.b.add((await b.ask(write)).confirmed)
        counts.a.add((await a.ask(write)).confirmed)
        expect(counts.a).toContain(1)
      }, waiting)
      expect([...counts.b]).toEqual([0])
      expect(Math.max(...[...counts.a].map(Number))).toBe(1)
      await vi.waitFor(async () => expect(await blobs()).toHaveLength(2), waiting)
      for (const member of crowd.members) await isConfirmed(member)

      for (const link of links) {
        link.mode = 'refuse'
        link.cut()
      }
      for (const index of [0, 1] as const) {
        const expected = index === 0 ? alpha : beta
        const fromRedis = await crowd.start(options(urls[index]), expected)
        expect((await fromRedis.look()).statuses).toMatchObject([{ source: 'redis' }])
      }
      await redis.crash()
      for (const index of [0, 1] as const) {
        const fromDisk = await crowd.start(options(urls[index]), index === 0 ? alpha : beta)
        expect((await fromDisk.look()).statuses).toMatchObject([{ source: 'disk' }])
      }
      await redis.restart()
      for (const link of links) link.mode = 'pass'
      for (const member of crowd.members) await isConfirmed(member)
      expect(await crowd.expectSound()).toBe(0)
      allOf(fault, 'processes with no foreign answer', crowd.members.length, crowd.members.length)
      for (const link of links) await link.close()
    },
    hangMs,
  )
})

describe('a dump restored beside its source', () => {
  it(
    'has its identity and position, and yet goes a way of its own',
    async () => {
      const fault = 'a dump restored beside its source'
      const source = await createApp(machines[0], 'common', 'dumped')
      await machines[0].query('create database beside')
      await machines[1].query('create database beside')
      const urls = [source, ...machines.map((machine) => machine.url().replace(/postgres$/, 'beside'))]
      for (const url of urls.slice(1)) copyDump(source, url)
      const standings = await Promise.all(urls.map(standingOf))
      expect(standings).toEqual([standings[0], standings[0], standings[0]])
      const names = urls.map((_, index) => `copy${index}`)
      const expected = (own: number) =>
        answersOf(
          'common',
          names.filter((_, index) => index !== own),
        )
      for (const [index, url] of urls.entries()) await crowd.start(options(url), expected(index))
      for (let round = 0; round < 3; round++) {
        for (const [index, member] of crowd.members.entries()) {
          const actor = ours(`copy${index}`)
          const flag = round === 0 ? 'changing' : 'by_actor'
          expect(await member.ask({ do: 'enable', flag, actor, wait: true })).toMatchObject({
            code: null,
            confirmed: 0,
          })
        }
      }
      for (const [index, url] of urls.entries()) {
        // Where its Postgres takes more than a second, a process starts with its own older copy, and never with another's.
        const late = await crowd.start(options(url), expected(index))
        await isConfirmed(late)
        await answers(late, [{ flag: 'changing', actor: ours(`copy${index}`), answer: true }])
      }
      expect(await crowd.expectSound()).toBe(0)
      allOf(fault, 'processes with no foreign answer', crowd.members.length, crowd.members.length)
    },
    hangMs,
  )

  function copyDump(from: string, to: string): void {
    const dump = spawnSync(serverBinary('pg_dump'), ['--no-owner', from], { maxBuffer: 100_000_000 })
    expect(dump.stderr.toString()).toBe('')
    const restored = spawnSync(serverBinary('psql'), ['-q', '-v', 'ON_ERROR_STOP=1', to], { input: dump.stdout })
    expect(restored.stderr.toString()).toBe('')
  }
})

describe('a copy of the files of a database, started beside it', () => {
  // Blobs are written 5 s apart, and three have to be.
  it.runIf(isFull)(
    'has the same identity: it is warned of with the cure, polls keep answers right, and the cure parts them',
    async () => {
      const fault = 'a copy of files beside its source'
      const source = await DatabaseMachine.start()
      const copy = await DatabaseMachine.start({ migrated: false })
      await source.crash()
      await copy.crash()
      copy.restore(source.backUp())
      await Promise.all([source.restart(), copy.restart()])
      const members = [await crowd.start(options(source.url())), await crowd.start(options(copy.url()))] as const
      const warnings = async () =>
        (await Promise.all(members.map((member) => member.look()))).map(
          ({ statuses }) => statuses[0]?.warnings.join() ?? '',
        )
      const before = performance.now()
      let round = 0
      await vi.waitFor(
        async () => {
          round += 1
          await enableIn(source.url(), 'by_actor', `User:s${round}`)
          await enableIn(copy.url(), 'by_half', `User:c${round}`)
          expect((await warnings()).join()).toContain('update feature_state set database_id = gen_random_uuid()')
        },
        { ...waiting, interval: 500 },
      )
      atMost(fault, 'warned of', 120_000, performance.now() - before, ' ms')
      for (const [index, machine] of [source, copy].entries()) {
        const [last, other] = index === 0 ? [`User:s${round}`, `User:c1`] : [`User:c${round}`, `User:s1`]
        const [flag, foreign] = index === 0 ? ['by_actor', 'by_half'] : ['by_half', 'by_actor']
        const member = members[index === 0 ? 0 : 1]
        await answers(member, [
          { flag, actor: last, answer: true },
          { flag: foreign, actor: other, answer: false },
        ])
        expect(await machine.query('select 1 as alive')).toEqual([{ alive: 1 }])
      }
      // The cure.
      await copy.query('update feature_state set database_id = gen_random_uuid()')
      await crowd.end()
      await redis.run('flushall')
      const [one, two] = [
        await crowd.start(options(source.url()), [{ flag: 'by_half', actor: 'User:c1', answer: false }]),
        await crowd.start(options(copy.url()), [{ flag: 'by_actor', actor: 'User:s1', answer: false }]),
      ]
      for (const member of [one, two]) {
        expect(await member.ask({ do: 'enable', flag: 'changing', actor: 'User:cured', wait: true })).toMatchObject({
          confirmed: 0,
        })
      }
      await crowd.expectSound()
      await crowd.end()
      await Promise.all([source.stop(), copy.stop()])
    },
    hangMs,
  )
})

describe('three addresses of one database', () => {
  let bouncer: PgBouncer
  let tunnel: Link
  afterEach(async () => {
    await crowd.end()
    await bouncer?.stop()
    await tunnel?.close()
  })

  it(
    'are one to hints and to callers that wait',
    async () => {
      const fault = 'three addresses of one database'
      await machines[0].query('drop database if exists three with (force)')
      const direct = await createApp(machines[0], 'alpha', 'three')
      bouncer = await startPgBouncer(direct)
      tunnel = await openLink(machines[0].port)
      // So rare that no poll brings the news.
      const rarely = { pollIntervalMs: 10 * 60_000, diskFile: false } as const
      const urls = [direct, bouncer.url, over(direct, tunnel.port)]
      for (const url of urls) await crowd.start(options(url, rarely), answersOf('alpha', []))
      let written = 0
      for (const member of crowd.members) {
        await vi.waitFor(async () => {
          written += 1
          const write = { do: 'enable', flag: 'by_actor', actor: `User:${written}`, wait: true } as const
          expect(await member.ask(write)).toMatchObject({ code: null, confirmed: 2 })
        }, waiting)
        for (const one of crowd.members) {
          expect(await one.ask({ do: 'ask', flag: 'by_actor', actor: `User:${written}` })).toEqual([true])
        }
      }
      const heard = await Promise.all(crowd.members.map(async (member) => (await member.look()).counts.shared.applied))
      for (const applied of heard) expect(applied).toBeGreaterThan(0)
      await crowd.expectSound()
      allOf(fault, 'processes that were waited for', 2, 2)
    },
    hangMs,
  )
})
