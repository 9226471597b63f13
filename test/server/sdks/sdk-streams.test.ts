// What a stream is told that was opened while the newest flags could not be read.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
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

it('a stream that begins with older flags, because the newest cannot be read, is told them as soon as they can', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const stored = { content: contentOf({ streaming: true }, flagNamed('before')), isAway: false }
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
    mostStreams: 10,
    places: new StreamPlaces(1_000),
  })
  onTestFinished(async () => {
    streams.close()
    await served.close()
  })
  await served.start()
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

  const response = new ServerResponse(new IncomingMessage(new Socket()))
  const written: string[] = []
  vi.spyOn(response, 'write').mockImplementation((bytes: unknown) => written.push(String(bytes)) > 0)
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
