// What every keeper of reports must do, whatever it keeps them in.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProjectFlags } from '../../lib/project-flags/project-flags.js'
import type { ClientRow, CountRow } from '../../lib/project-flags/reports/report.js'
import type { ReportStore } from '../../lib/project-flags/reports/store.js'
import type { ProjectStore } from '../../lib/project-flags/store/store.js'

export interface OpenedReports {
  readonly projects: ProjectStore
  readonly reports: ReportStore
  readonly close: () => Promise<unknown>
}

const by = { author: 'test', source: 'http' }
const now = Date.parse('2026-11-26T12:34:56Z')
const hour = 3_600_000
const hourOf = (ms: number) => Math.floor(ms / hour) * hour

export function reportStoreContract(what: string, open: () => Promise<OpenedReports>): void {
  describe(`reports ${what}`, () => {
    let opened: OpenedReports
    let projects: ProjectFlags
    let reports: ReportStore
    beforeAll(async () => {
      opened = await open()
      projects = new ProjectFlags(opened.projects)
      reports = opened.reports
    })
    afterAll(() => opened.close())

    const makeProject = async (...flags: string[]) => {
      const project = await projects.createProject({ path: `group/p-${randomUUID()}`, name: 'A shop' }, by)
      for (const name of flags) await projects.createFlag(project.id, { name }, by)
      return project
    }
    const countsAt = (project: number, rows: readonly Partial<CountRow>[]) => ({
      id: randomUUID(),
      rows: rows.map((row) => ({
        project,
        environment: 'production',
        flag: 'seen',
        hourMs: hourOf(now),
        yes: 1,
        no: 2,
        ...row,
      })),
    })
    const clientOf = (project: number, row: Partial<ClientRow> = {}): ClientRow => ({
      project,
      environment: 'production',
      app: 'shop',
      sdk: 'unleash-node-sdk:6.12.1',
      spec: '5.2.0',
      intervalMs: 15_000,
      instances: 3,
      firstSeenMs: now,
      lastSeenMs: now,
      lastPolledMs: now,
      ...row,
    })
    const hours = (project: number, more = {}) =>
      reports.counts(project, { step: 'hour', limit: 100, nowMs: now, ...more })
    const days = (project: number, more = {}) =>
      reports.counts(project, { step: 'day', limit: 100, nowMs: now, ...more })

    it('add counts to those of their hour, flag and environment', async () => {
      const { id } = await makeProject('seen', 'too')
      expect(await reports.addCounts(countsAt(id, [{}, { flag: 'too' }, { environment: 'staging', no: 0 }]))).toBe(3)
      expect(await reports.addCounts(countsAt(id, [{ yes: 5 }, { hourMs: hourOf(now) - hour, yes: 9 }]))).toBe(2)
      const at = new Date(hourOf(now))
      expect(await hours(id)).toEqual([
        { flag: 'seen', environment: 'production', at, yes: 6, no: 4 },
        { flag: 'seen', environment: 'staging', at, yes: 1, no: 0 },
        { flag: 'too', environment: 'production', at, yes: 1, no: 2 },
        { flag: 'seen', environment: 'production', at: new Date(hourOf(now) - hour), yes: 9, no: 2 },
      ])
      expect(await hours(id, { flag: 'too' })).toMatchObject([{ flag: 'too' }])
      expect(await hours(id, { environment: 'staging' })).toMatchObject([{ environment: 'staging' }])
      expect(await hours(id, { limit: 1 })).toHaveLength(1)
    })

    it('add a batch once, however often it is sent', async () => {
      const { id } = await makeProject('seen')
      const batch = countsAt(id, [{}])
      expect(await reports.addCounts(batch)).toBe(1)
      expect(await reports.addCounts(batch)).toBe(null)
      expect(await hours(id)).toMatchObject([{ yes: 1, no: 2 }])
    })

    it('leave out flags that the project does not have, and projects that are gone', async () => {
      const [one, other] = [await makeProject('seen'), await makeProject()]
      const rows = [...countsAt(one.id, [{}, { flag: 'absent' }]).rows, ...countsAt(other.id, [{}]).rows]
      expect(await reports.addCounts({ id: randomUUID(), rows })).toBe(1)
      await projects.deleteProject(one, by)
      expect(await reports.addCounts(countsAt(one.id, [{}]))).toBe(0)
      await reports.saveClients([clientOf(one.id)])
      expect(await reports.clients(one.id)).toEqual([])
    })

    it('keep clients: first and last time, and what was told last', async () => {
      const { id } = await makeProject()
      await reports.saveClients([
        clientOf(id),
        clientOf(id, { sdk: '', app: '', spec: null, intervalMs: null, lastPolledMs: null, instances: 1 }),
      ])
      const later = {
        firstSeenMs: now + 1,
        lastSeenMs: now + 300_000,
        lastPolledMs: null,
        spec: null,
        intervalMs: null,
      }
      await reports.saveClients([clientOf(id, { ...later, instances: 2 })])
      expect(await reports.clients(id)).toEqual([
        {
          environment: 'production',
          app: '',
          sdk: '',
          spec: null,
          intervalMs: null,
          instances: 1,
          firstSeen: new Date(now),
          lastSeen: new Date(now),
          lastPolled: null,
        },
        {
          environment: 'production',
          app: 'shop',
          sdk: 'unleash-node-sdk:6.12.1',
          spec: '5.2.0',
          intervalMs: 15_000,
          instances: 2,
          firstSeen: new Date(now),
          lastSeen: new Date(now + 300_000),
          lastPolled: new Date(now),
        },
      ])
    })

    it('keep the larger number of processes of two servers that write within one flush', async () => {
      const { id } = await makeProject()
      const instancesAfter = async (instances: number, afterMs: number) => {
        await reports.saveClients([clientOf(id, { instances, lastSeenMs: now + afterMs })])
        return (await reports.clients(id))[0]?.instances
      }
      expect(await instancesAfter(10, 0)).toBe(10)
      expect(await instancesAfter(8, 120_000)).toBe(10)
      expect(await instancesAfter(7, 300_000)).toBe(7)
      expect(await instancesAfter(8, 420_000)).toBe(8)
    })

    it('know the environments, and the applications with their SDKs, of each project', async () => {
      const [one, other] = [await makeProject(), await makeProject()]
      await reports.saveClients([clientOf(one.id), clientOf(one.id, { environment: 'staging' })])
      const known = await reports.known([one.id, other.id])
      expect([...known.keys()]).toEqual([one.id])
      expect([...(known.get(one.id)?.environments ?? [])].sort()).toEqual(['production', 'staging'])
      expect(known.get(one.id)?.pairs).toEqual(['shop\u0000unleash-node-sdk:6.12.1'])
    })

    it('note when a secret was used', async () => {
      const { id } = await makeProject()
      const [first] = await projects.instanceIds(id)
      const atMs = Math.floor(Date.now() / 1_000) * 1_000
      await reports.noteUses(new Map([[first?.id ?? 0, atMs]]))
      const [used] = await projects.instanceIds(id)
      expect(used?.lastUsedAt?.getTime()).toBeGreaterThanOrEqual(atMs)
      await reports.noteUses(new Map([[first?.id ?? 0, atMs - 86_400_000]]))
      expect((await projects.instanceIds(id))[0]?.lastUsedAt?.getTime()).toBeGreaterThanOrEqual(atMs)
    })

    it('add hours older than two days up to days, and forget days older than thirty', async () => {
      const { id } = await makeProject('seen')
      const day = (ago: number) => Date.parse('2026-11-26T00:00:00Z') - ago * 24 * hour
      const rows = [
        { hourMs: day(0) + 3 * hour },
        { hourMs: day(3) + hour },
        { hourMs: day(3) + 2 * hour },
        { hourMs: day(31) + hour, yes: 100 },
      ]
      await reports.addCounts(countsAt(id, rows))
      const told = [
        { at: new Date(day(0)), yes: 1, no: 2 },
        { at: new Date(day(3)), yes: 2, no: 4 },
      ]
      expect(await days(id)).toMatchObject(told)
      await reports.compact(now)
      expect(await days(id)).toMatchObject(told)
      expect(await hours(id)).toHaveLength(1)
      // An hour that came late, after its day was made.
      await reports.addCounts(countsAt(id, [{ hourMs: day(3) + 5 * hour }]))
      await reports.compact(now)
      expect(await days(id)).toMatchObject([told[0], { yes: 3, no: 6 }])
      await reports.compact(now + 40 * 24 * hour)
      expect(await days(id, { nowMs: now })).toEqual([])
    })

    it('follow a flag that is renamed, and end with one that is deleted', async () => {
      const { id } = await makeProject('seen', 'gone')
      await reports.addCounts(countsAt(id, [{}, { flag: 'gone' }, { hourMs: hourOf(now) - 72 * hour, flag: 'gone' }]))
      await projects.changeFlag(id, 'seen', { name: 'renamed' }, by)
      await projects.deleteFlag(id, 'gone', by)
      expect(await hours(id)).toMatchObject([{ flag: 'renamed', yes: 1, no: 2 }])
      await projects.createFlag(id, { name: 'gone' }, by)
      await reports.compact(now)
      expect((await days(id)).map(({ flag }) => flag)).toEqual(['renamed'])
    })

    it('forget clients that were not seen for thirty days, and what a deleted project left', async () => {
      const [kept, gone] = [await makeProject('seen'), await makeProject('seen')]
      await reports.saveClients([
        clientOf(kept.id),
        clientOf(kept.id, { app: 'old', lastSeenMs: now - 31 * 24 * hour }),
        clientOf(gone.id),
      ])
      await reports.addCounts(countsAt(gone.id, [{}]))
      await projects.deleteProject(gone, by)
      await reports.compact(now)
      expect((await reports.clients(kept.id)).map(({ app }) => app)).toEqual(['shop'])
      expect(await reports.clients(gone.id)).toEqual([])
      expect(await hours(gone.id)).toEqual([])
    })
  })
}
