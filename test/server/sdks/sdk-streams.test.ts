// What streams are told: where the newest flags could not be read when they were opened, and where flags change while they are told.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { ListedDirectory } from '../../../lib/project-flags/listing.js'
import { ServedProjects } from '../../../lib/replica/projects/served-projects.js'
import { StreamPlaces } from '../../../lib/server/streams/places.js'
import { SdkStreams } from '../../../lib/server/sdks/sdk-streams.js'
import { makeSealer } from '../../../lib/state/sealed.js'
import { contentOf, flagNamed, instanceIdOf } from '../../replica/projects/samples.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'

const secret = 'glffct-known'

/** A project with one flag and streams, of which the test says what the store has. */
async function serve(flag: string) {
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const stored = { content: contentOf({ streaming: true }, flagNamed(flag)), isAway: false }
  const served = new ServedProjects({
    store: new ListedDirectory({
      projects: async () => [stored.content.project],
      instanceIds: async () => [instanceIdOf(secret)],
    }),
    clock,
    logger,
    pollIntervalMs: 10_000,
    listen: false,
    disk: null,
    cache: null,
    read: async () => {
      if (stored.isAway) throw new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })
      return stored.content
    },
    copies: { folder: null, sealer: makeSealer(null) },
    renew: null,
  })
  const streams = new SdkStreams({
    served,
    logger,
    elapsed: () => clock.now(),
    mostStreams: 1_000,
    places: new StreamPlaces(10_000),
  })
  onTestFinished(async () => {
    streams.close()
    await served.close()
  })
  await served.start()
  return { served, streams, stored, clock }
}

function respond() {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  const written: string[] = []
  vi.spyOn(response, 'write').mockImplementation((bytes: unknown) => written.push(String(bytes)) > 0)
  return { response, written }
}

it('a stream that begins with older flags, because the newest cannot be read, is told them as soon as they can', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { served, streams, stored, clock } = await serve('before')
  const known = () => served.directory.known('1', [secret])
  const before = known()
  if (before === null) throw new Error('the directory does not know the project')
  await served.contents.get(before.project)
  stored.isAway = true
  stored.content = contentOf({ streaming: true, revision: 2, nonce: 'n-2' }, flagNamed('now'))
  await served.directory.wrote(1)
  await settle()
  const living = known()
  const loaded = living === null ? null : await served.contents.get(living.project)
  if (living === null || loaded === null) throw new Error('the project is not served')
  expect([living.project.revision, loaded.content.project.revision]).toEqual([2, 1])

  const { response, written } = respond()
  const caller = { ...living, environment: 'production' }
  streams.open({ caller, loaded, revision: null, connectionId: '' }, response)
  expect(written).toEqual([expect.stringMatching(/^id: 1\nevent: unleash-connected\n.*"before"/s)])
  await vi.advanceTimersByTimeAsync(5_000)
  expect(written.length).toBe(1)
  stored.isAway = false
  await clock.advance(2_000)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(written.slice(1)).toEqual([expect.stringMatching(/^id: 2\nevent: unleash-updated\n.*"now"/s)])
})

it('a change that comes while thousands of streams are told of the one before is told to each, and no stream goes back', async () => {
  const { served, streams, stored } = await serve('first')
  const living = served.directory.known('1', [secret])
  const loaded = living === null ? null : await served.contents.get(living.project)
  if (living === null || loaded === null) throw new Error('the project is not served')
  const caller = { ...living, environment: 'production' }
  const opened = Array.from({ length: 600 }, () => {
    const { response, written } = respond()
    streams.open({ caller, loaded, revision: null, connectionId: '' }, response)
    return written
  })
  const change = async (revision: number) => {
    stored.content = contentOf({ streaming: true, revision, nonce: `n-${revision}` }, flagNamed(`flag-${revision}`))
    await served.directory.wrote(1)
  }
  const told = (revision: number) => opened.filter((written) => written.at(-1)?.startsWith(`id: ${revision}\n`)).length
  await change(2)
  while (told(2) === 0) await nextTurn()
  expect(told(2)).toBeLessThan(600)
  await change(3)
  await expect.poll(() => told(3)).toBe(600)
  for (const written of opened) {
    const revisions = written.map((text) => Number(/^id: (\d+)/.exec(text)?.[1]))
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
  }
})
