// Who is refused, and when: a refusal is the one answer after which an SDK may stop asking for good.
import { afterEach, expect, it } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { ListedDirectory } from '../../../lib/project-flags/listing.js'
import type { InstanceId, Project } from '../../../lib/project-flags/project.js'
import { directoryContent, type DirectoryReplica } from '../../../lib/replica/projects/content.js'
import { ProjectDirectory } from '../../../lib/replica/projects/directory.js'
import { Replica } from '../../../lib/replica/replica.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { instanceIdOf, projectOf } from './samples.js'

const closing: DirectoryReplica[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((replica) => replica.close()))
})

/** A store of projects that a test changes as it likes. */
class Projects {
  readonly all = new Map<number, { project: Project; ids: readonly (InstanceId & { secret: string })[] }>()
  down = false
  asked = 0

  set(project: Project, ...secrets: readonly string[]): void {
    this.all.set(project.id, { project, ids: secrets.map((secret, id) => instanceIdOf(secret, { id })) })
  }

  async projects(): Promise<readonly Project[]> {
    this.asked += 1
    if (this.down) throw new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })
    return [...this.all.values()].map(({ project }) => project)
  }

  async instanceIds(id: number) {
    return this.all.get(id)?.ids ?? []
  }
}

async function start(projects: Projects) {
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const replica: DirectoryReplica = new Replica({
    content: directoryContent,
    store: new ListedDirectory(projects),
    clock,
    logger,
    pollIntervalMs: 10_000,
    listen: false,
    disk: null,
    cache: null,
  })
  closing.push(replica)
  const directory = new ProjectDirectory(replica, clock)
  await replica.start()
  const outcomes: string[] = []
  const ask = (project: string, ...secrets: readonly string[]) => {
    const noted = (text: string) => void outcomes.push(text)
    void directory.ask(project, secrets).then(
      (living) => noted(living === null ? 'refused' : `${living.project.id}: ${living.instanceId.name}`),
      (error: unknown) => noted(error instanceof StoreUnavailable ? 'away' : String(error)),
    )
    return settle()
  }
  projects.asked = 0
  return { clock, directory, outcomes, ask }
}

function oneProject(): Projects {
  const projects = new Projects()
  projects.set(projectOf({ id: 7, path: 'Group/Shop' }), 'good', 'other')
  return projects
}

it('a living instance ID is found by id and by path, without regard to case, and without asking the store', async () => {
  const projects = oneProject()
  const { directory } = await start(projects)
  for (const name of ['7', 'group/shop', 'GROUP/SHOP']) {
    expect(directory.known(name, ['bad', 'good'])?.project.id, name).toBe(7)
  }
  for (const name of ['07', '8', 'shop', '', '../shop', '__proto__']) expect(directory.known(name, ['good'])).toBeNull()
  expect(directory.known('7', ['bad', ''])).toBeNull()
  expect(projects.asked).toBe(0)
})

it('an instance ID that is not known is asked for, and refused only when the store has just not had it', async () => {
  const projects = oneProject()
  const { outcomes, ask } = await start(projects)
  await ask('7', 'bad')
  await ask('nowhere', 'good')
  expect(outcomes).toEqual(['refused'])
  projects.set(projectOf({ id: 7, path: 'Group/Shop', nonce: 'n-2' }), 'good', 'fresh')
  await ask('7', 'fresh')
  expect(outcomes).toEqual(['refused'])
})

it('all who wait share one question a second, and a refusal holds for a second', async () => {
  const projects = oneProject()
  const { clock, outcomes, ask } = await start(projects)
  for (let index = 0; index < 50; index++) void ask('7', `bad-${index}`)
  await settle()
  expect(outcomes).toEqual(Array(50).fill('refused'))
  const { asked } = projects
  expect(asked).toBeLessThanOrEqual(2)
  await ask('7', 'bad-1')
  expect(outcomes).toHaveLength(51)
  await ask('7', 'another')
  expect([outcomes.length, projects.asked]).toEqual([51, asked])
  await clock.advance(1_000)
  expect(outcomes).toHaveLength(52)
  expect(projects.asked).toBeGreaterThan(asked)
  await ask('7', 'bad-1')
  await clock.advance(1_000)
  expect(outcomes).toHaveLength(53)
})

it('whoever waits is answered as soon as news brings the instance ID', async () => {
  const projects = oneProject()
  const { clock, directory, outcomes, ask } = await start(projects)
  await ask('7', 'bad')
  projects.set(projectOf({ id: 7, path: 'Group/Shop', nonce: 'n-2' }), 'fresh')
  await ask('7', 'fresh')
  expect(outcomes).toEqual(['refused'])
  await directory.wrote(7)
  expect(outcomes).toEqual(['refused', '7: default'])
  await clock.advance(1_000)
  expect(directory.known('7', ['good'])).toBeNull()
})

it('while the store is away known instance IDs live, and others are told so instead of being refused', async () => {
  const projects = oneProject()
  const { clock, outcomes, ask } = await start(projects)
  projects.down = true
  await ask('7', 'good')
  await ask('7', 'fresh')
  await ask('nowhere', 'good')
  expect(outcomes).toEqual(['7: default', 'away', 'away'])
  projects.down = false
  await clock.advance(1_000)
  await ask('7', 'fresh')
  expect(outcomes.at(-1)).toBe('refused')
})

it('a request without an instance ID is refused at once', async () => {
  const projects = oneProject()
  const { outcomes, ask } = await start(projects)
  projects.down = true
  await ask('7')
  expect([outcomes, projects.asked]).toEqual([['refused'], 0])
})
