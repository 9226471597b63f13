// Reports in memory, and their way to a store that is there, away, or answers late.
import { describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { MemoryProjects } from '../../../lib/project-flags/store/memory.js'
import { ProjectFlags } from '../../../lib/project-flags/project-flags.js'
import { MemoryReports } from '../../../lib/project-flags/reports/memory.js'
import type { Seen, SeenClient } from '../../../lib/project-flags/reports/report.js'
import { SdkReports } from '../../../lib/project-flags/reports/reports.js'
import type { CountBatch, ReportStore } from '../../../lib/project-flags/reports/store.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'

const hour = 3_600_000
const nowMs = Date.parse('2026-11-26T12:00:00Z')
const by = { author: 'test', source: 'code' }

async function start(options: { mostCounts?: number } = {}) {
  const projects = new ProjectFlags(new MemoryProjects())
  const { id: project } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  for (const name of ['new_layout', 'other_flag']) await projects.createFlag(project, { name }, by)
  const memory = new MemoryReports(projects)
  const outage: { error: Error | null; answersLost: boolean } = { error: null, answersLost: false }
  const calls: string[] = []
  const through = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    calls.push(name)
    if (outage.error !== null) throw outage.error
    const answer = await call()
    if (outage.answersLost && name === 'addCounts') throw unavailable()
    return answer
  }
  const store: ReportStore = {
    known: (of) => through('known', () => memory.known(of)),
    saveClients: (rows) => through('saveClients', () => memory.saveClients(rows)),
    addCounts: (batch: CountBatch) => through('addCounts', () => memory.addCounts(batch)),
    noteUses: (uses) => through('noteUses', () => memory.noteUses(uses)),
    clients: (of) => memory.clients(of),
    counts: (of, query) => memory.counts(of, query),
    compact: (at) => through('compact', () => memory.compact(at)),
  }
  const clock = new ManualClock()
  const logger = recordingLogger()
  const reports = new SdkReports({
    store: async () => store,
    logger,
    clock,
    now: () => nowMs + clock.now(),
    ...options,
  })
  const told = () => memory.counts(project, { step: 'hour', limit: 1_000, nowMs })
  const seen = (more: Partial<Omit<Seen, 'client'>> & { client?: Partial<SeenClient> } = {}): Seen => ({
    project,
    environment: 'production',
    instanceId: 2,
    ...more,
    client: {
      app: 'shop',
      sdk: 'unleash-node-sdk:6.12.1',
      spec: null,
      intervalMs: null,
      process: null,
      ...more.client,
    },
  })
  const count = (flag = 'new_layout', given: Partial<Seen> = {}, hourMs = nowMs) =>
    reports.counted({ ...seen(), ...given }, { counts: [{ flag, hourMs, yes: 1, no: 0 }], dropped: {} })
  return { project, projects, memory, reports, clock, logger, outage, calls, told, seen, count }
}

const unavailable = () => new StoreUnavailable('store_unavailable', { problem: 'away', remedy: 'wait' })

describe('reports of SDKs', () => {
  it('are added up, and written first at a random moment of five minutes and then each five minutes', async () => {
    const { count, clock, calls, told } = await start()
    count()
    count()
    await clock.advance(149_000)
    expect(calls.filter((name) => name === 'addCounts')).toEqual([])
    await clock.advance(1_000)
    expect(await told()).toMatchObject([{ flag: 'new_layout', environment: 'production', yes: 2, no: 0 }])
    count()
    await clock.advance(299_000)
    expect(await told()).toMatchObject([{ yes: 2 }])
    await clock.advance(1_000)
    expect(await told()).toMatchObject([{ yes: 3 }])
  })

  it('are written when the server closes, once', async () => {
    const { reports, count, told, calls, clock } = await start()
    count()
    await reports.close()
    await reports.close()
    expect(await told()).toMatchObject([{ yes: 1 }])
    expect(calls.filter((name) => name === 'addCounts')).toHaveLength(1)
    expect(clock.waiting).toBe(0)
  })

  it('wait while the store is away, up to their bound, and say so once', async () => {
    const { reports, count, outage, logger, told } = await start({ mostCounts: 3 })
    outage.error = unavailable()
    for (const ago of [0, 1, 2, 3, 4]) count('new_layout', {}, nowMs - ago * hour)
    await reports.flush()
    await reports.flush()
    expect(reports.waiting).toBe(3)
    expect(reports.tallies).toEqual({
      dropped: { malformed: 0, time: 0, too_many: 0, no_room: 2, no_such_flag: 0 },
      flushes: { done: 0, failed: 2 },
    })
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    // A count that waits goes on counting.
    count()
    outage.error = null
    await reports.flush()
    expect((await told()).map(({ yes }) => yes)).toEqual([2, 1, 1])
    expect(reports.waiting).toBe(0)
    expect(logger.lines.at(-1)).toMatchObject({ level: 'info' })
  })

  it('count once where the answer of the store was lost', async () => {
    const { reports, count, outage, told } = await start()
    count()
    outage.answersLost = true
    await reports.flush()
    count()
    await reports.flush()
    outage.answersLost = false
    await reports.flush()
    expect(await told()).toMatchObject([{ yes: 2 }])
    expect(reports.waiting).toBe(0)
  })

  it('of flags that the project does not have are dropped and counted', async () => {
    const { reports, count, told } = await start()
    for (const flag of ['no_such', 'new_layout', 'constructor']) count(flag)
    await reports.flush()
    expect((await told()).map(({ flag }) => flag)).toEqual(['new_layout'])
    expect(reports.tallies.dropped.no_such_flag).toBe(2)
  })

  it('of more than 50 environments are those of `other`, and so are more than 200 pairs of application and SDK', async () => {
    const { reports, seen, count, memory, project, told } = await start()
    count()
    reports.polled(seen())
    await reports.flush()
    for (let index = 0; index < 1_000; index++) {
      count('new_layout', { environment: `made-up-${index}` })
      reports.polled(seen({ environment: `made-up-${index}`, client: { app: `made-up-${index}` } }))
    }
    count()
    await reports.flush()
    const environments = new Set((await told()).map(({ environment }) => environment))
    expect(environments.size).toBe(51)
    expect([...environments]).toEqual(expect.arrayContaining(['production', 'other']))
    expect((await told()).reduce((sum, { yes }) => sum + yes, 0)).toBe(1_002)
    const clients = await memory.clients(project)
    expect(new Set(clients.map(({ environment }) => environment)).size).toBe(51)
    const pairs = new Set(clients.map(({ app, sdk }) => `${app} ${sdk}`))
    expect(pairs.size).toBe(201)
    expect(clients.filter(({ app }) => app === 'other')).not.toEqual([])
  })

  it('let another server have the places that are left', async () => {
    const one = await start()
    const two = new SdkReports({
      store: async () => one.memory,
      logger: one.logger,
      clock: one.clock,
      now: () => nowMs,
    })
    for (let index = 0; index < 40; index++) {
      one.reports.polled(one.seen({ environment: `a${index}` }))
      two.polled(one.seen({ environment: `b${index}` }))
    }
    await one.reports.flush()
    await two.flush()
    const clients = await one.memory.clients(one.project)
    expect(new Set(clients.map(({ environment }) => environment)).size).toBe(51)
  })

  it('cannot fill the memory from one project', async () => {
    const { reports, seen } = await start()
    const counts = Array.from({ length: 25_000 }, (_, index) => ({ flag: `f${index}`, hourMs: nowMs, yes: 1, no: 0 }))
    reports.counted(seen(), { counts, dropped: { malformed: 1, too_many: 2 } })
    expect(reports.waiting).toBe(20_000)
    expect(reports.tallies.dropped).toMatchObject({ no_room: 5_000, malformed: 1, too_many: 2 })
  })

  it('tell how many processes there are, of which no id is kept', async () => {
    const { reports, seen, memory, project } = await start()
    for (let index = 0; index < 30; index++) {
      reports.polled(seen({ client: { process: `connection-${index % 3}` } }))
    }
    await reports.flush()
    const clients = await memory.clients(project)
    expect(clients).toMatchObject([{ instances: 3, app: 'shop' }])
    expect(JSON.stringify(clients)).not.toContain('connection')
  })

  it('keep the interval of polls, not that of reports', async () => {
    const { reports, seen, memory, project } = await start()
    reports.registered(seen({ client: { intervalMs: 60_000 } }))
    reports.polled(seen({ client: { intervalMs: 15_000 } }))
    reports.registered(seen({ client: { intervalMs: 60_000 } }))
    await reports.flush()
    expect(await memory.clients(project)).toMatchObject([{ intervalMs: 15_000, lastPolled: new Date(nowMs) }])
  })

  it('note the first use of an instance ID within a second, and further ones with the counts', async () => {
    const { reports, seen, clock, calls, projects, project } = await start()
    const [first] = await projects.instanceIds(project)
    for (let count = 0; count < 3; count++) reports.polled(seen({ instanceId: first?.id ?? 0 }))
    await clock.advance(1_000)
    expect(calls).toEqual(['noteUses'])
    expect((await projects.instanceIds(project))[0]?.lastUsedAt).not.toBe(null)
    reports.polled(seen({ instanceId: first?.id ?? 0 }))
    await clock.advance(10_000)
    expect(calls).toEqual(['noteUses'])
    await reports.flush()
    expect(calls.filter((name) => name === 'noteUses')).toHaveLength(2)
    await settle()
  })
})
