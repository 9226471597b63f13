// What every reader of the directory of projects must do: the second content of the replica, from whatever store.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instanceIdDigest, readListedProject } from '../../lib/project-flags/directory.js'
import { ProjectFlags } from '../../lib/project-flags/project-flags.js'
import type { ProjectStore } from '../../lib/project-flags/store/store.js'
import { digestOf } from '../../lib/state/digest.js'
import type { StoreReader } from '../../lib/store/store.js'

export interface OpenedDirectory {
  readonly store: ProjectStore
  readonly reader: StoreReader
  /** Whether it remembers which projects each position changed. */
  readonly hasHistory: boolean
  readonly close: () => Promise<unknown>
}

const by = { author: 'test', source: 'http' }

export function projectDirectoryContract(what: string, open: () => Promise<OpenedDirectory>): void {
  describe(`the directory of projects ${what}`, () => {
    let opened: OpenedDirectory
    let projects: ProjectFlags
    beforeAll(async () => {
      opened = await open()
      projects = new ProjectFlags(opened.store)
    })
    afterAll(() => opened.close())

    const makeProject = () => projects.createProject({ path: `group/p-${randomUUID()}`, name: 'A shop' }, by)
    const listed = async (id: number) => {
      const found = (await opened.reader.readAll()).items.find(({ key }) => key === String(id))
      return found === undefined ? null : readListedProject(found)
    }

    it('lists a project with the digests of its instance IDs, and holds no instance ID', async () => {
      const project = await makeProject()
      const { secret } = await projects.addInstanceId(project.id, { name: 'of ü "x"', environment: 'staging' }, by)
      const { path, access, streaming, revision, nonce } = await projects.project(String(project.id))
      expect(await listed(project.id)).toMatchObject({ id: project.id, path, access, streaming, revision, nonce })
      const ids = (await listed(project.id))?.instanceIds
      expect(ids?.size).toBe(2)
      expect(ids?.get(instanceIdDigest(secret))).toMatchObject({ name: 'of ü "x"', environment: 'staging' })
      expect(JSON.stringify((await opened.reader.readAll()).items.map(({ gates }) => [...gates]))).not.toContain(secret)
    })

    it('has a digest that is that of its content', async () => {
      await makeProject()
      const { items, digest } = await opened.reader.readAll({ digest: true })
      expect(await digestOf(items)).toBe(digest)
      const since = await opened.reader.readSince(null, { digest: true })
      expect(since.digest).toBe(digest)
    })

    it('moves its position with each change, and no longer lists what is retired or deleted', async () => {
      const project = await makeProject()
      const positions: unknown[] = [(await opened.reader.head(null)).position]
      const moved = async () => {
        const { position } = await opened.reader.head(null)
        expect(positions).not.toContainEqual(position)
        positions.push(position)
      }
      const [first] = await projects.instanceIds(project.id)
      if (first === undefined) throw new Error('the project has no instance ID')
      await projects.createFlag(project.id, { name: 'new_layout', strategies: [] }, by)
      await moved()
      await projects.retireInstanceId(project.id, first.id, by)
      await moved()
      expect((await listed(project.id))?.instanceIds.size).toBe(0)
      await projects.deleteProject(project, by)
      await moved()
      expect(await listed(project.id)).toBeNull()
    })

    it('tells what has changed since a position, and what it holds of the projects that are asked for', async () => {
      const [one, other] = [await makeProject(), await makeProject()]
      const { position } = await opened.reader.head(null)
      await projects.createFlag(one.id, { name: 'new_layout', strategies: [] }, by)
      await projects.deleteProject(other, by)
      const { delta, also, ...standing } = await opened.reader.readSince(position, {
        also: [String(one.id), '999999', 'x'],
      })
      expect([...also.keys()]).toEqual([String(one.id), '999999', 'x'])
      expect([also.get('999999'), also.get('x')]).toEqual([null, null])
      expect(readListedProject(also.get(String(one.id)) ?? { key: '', gates: new Map() }).path).toBe(one.path)
      if (!opened.hasHistory) return
      expect(delta?.via.at(-1)).toEqual(standing.position)
      expect(delta?.via).toHaveLength(2)
      expect([...(delta?.changed.keys() ?? [])].sort()).toEqual([String(one.id), String(other.id)].sort())
      expect(delta?.changed.get(String(other.id))).toBeNull()
      expect(await opened.reader.head(position)).toMatchObject({ known: true })
      expect(await opened.reader.head({ version: '1', nonce: randomUUID() })).toMatchObject({ known: false })
      const still = await opened.reader.readSince(standing.position)
      expect(still.delta).toEqual({ position: standing.position, via: [], changed: new Map() })
    })
  })
}
