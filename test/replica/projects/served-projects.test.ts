// What a server tells of a project that a restore takes back to an older revision.
import { expect, it, onTestFinished } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { ListedDirectory } from '../../../lib/project-flags/listing.js'
import type { ProjectContent } from '../../../lib/project-flags/project.js'
import type { RenewRevision } from '../../../lib/replica/projects/contents.js'
import { ServedProjects } from '../../../lib/replica/projects/served-projects.js'
import { makeSealer } from '../../../lib/state/sealed.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { contentOf, flagNamed } from './samples.js'

async function start(first: ProjectContent, renew: (set: (content: ProjectContent) => void) => RenewRevision) {
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const stored = { content: first }
  const projects = { projects: async () => [stored.content.project], instanceIds: async () => [] }
  const served = new ServedProjects({
    store: new ListedDirectory(projects),
    clock,
    logger,
    pollIntervalMs: 10_000,
    listen: false,
    disk: null,
    cache: null,
    read: async () => stored.content,
    copies: { folder: null, sealer: makeSealer(null) },
    renew: renew((content) => {
      stored.content = content
    }),
  })
  onTestFinished(() => served.close())
  await served.start()
  /** The revision that SDKs are told now, with the flags. */
  const told = async () => {
    const project = served.directory.find('1')
    const loaded = project === null ? null : await served.contents.get(project)
    if (loaded === null) return null
    return [served.contents.history(loaded).revision, ...loaded.content.flags.map(({ name }) => name)]
  }
  /** A write by another program, of which the directory has not heard yet. */
  const write = (content: ProjectContent) => {
    stored.content = content
  }
  const restore = async (content: ProjectContent) => {
    write(content)
    await served.directory.wrote(1)
    await settle()
  }
  return { clock, logger, told, write, restore }
}

const newer = contentOf({ revision: 9, nonce: 'n-9' }, flagNamed('newer'))
const older = contentOf({ revision: 3, nonce: 'n-3' }, flagNamed('older'))
const away = () => new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })

it('a project that falls to an older revision is told as it was until it has a revision above, which is asked for again until it is given', async () => {
  const asked: number[] = []
  const { clock, logger, told, restore } = await start(newer, (set) => async (_seen, above) => {
    asked.push(above)
    if (asked.length < 3) throw away()
    set(contentOf({ revision: above + 1, nonce: 'n-10' }, flagNamed('older')))
  })
  expect(await told()).toEqual([9, 'newer'])
  await restore(older)
  expect([asked, await told()]).toEqual([[9], [9, 'newer']])
  await clock.advance(1_000)
  expect([asked, await told()]).toEqual([
    [9, 9],
    [9, 'newer'],
  ])
  await clock.advance(2_000)
  await settle()
  expect([asked, await told()]).toEqual([
    [9, 9, 9],
    [10, 'older'],
  ])
  expect(logger.lines.filter(({ message }) => message.includes('went back to an older revision'))).toHaveLength(1)
  await clock.advance(120_000)
  expect(asked).toHaveLength(3)
})

it('a project that comes back with a revision that SDKs were told for other flags gets one above it', async () => {
  const { told, restore } = await start(newer, (set) => async (_seen, above) => {
    set(contentOf({ revision: above + 1, nonce: 'n-10' }, flagNamed('older')))
  })
  expect(await told()).toEqual([9, 'newer'])
  await restore(contentOf({ revision: 9, nonce: 'n-9b' }, flagNamed('older')))
  await settle()
  expect(await told()).toEqual([10, 'older'])
})

it('a project gets a revision above the one that SDKs were told before the directory had heard of it', async () => {
  const asked: number[] = []
  const { told, write, restore } = await start(newer, () => async (_seen, above) => void asked.push(above))
  write(contentOf({ revision: 11, nonce: 'n-11' }, flagNamed('newest')))
  expect(await told()).toEqual([11, 'newest'])
  await restore(older)
  expect(asked).toEqual([11])
})

it('a project that gets no revision above is told as it is stored after ten seconds', async () => {
  const { clock, told, restore } = await start(newer, () => async () => {
    throw away()
  })
  expect(await told()).toEqual([9, 'newer'])
  await restore(older)
  await clock.advance(9_000)
  expect(await told()).toEqual([9, 'newer'])
  await clock.advance(2_000)
  expect(await told()).toEqual([3, 'older'])
})
