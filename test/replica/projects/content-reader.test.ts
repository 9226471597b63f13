// How often the store is asked for the flags of projects, and when it counts as away.
import { expect, it } from 'vitest'
import { FeatureError, StoreUnavailable } from '../../../lib/errors.js'
import type { ProjectContent } from '../../../lib/project-flags/project.js'
import { ContentReader } from '../../../lib/replica/projects/content-reader.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { contentOf } from './samples.js'

function start() {
  const clock = new ManualClock()
  const asked: number[] = []
  const answers: { answer: (content: ProjectContent | null) => void; fail: (error: Error) => void }[] = []
  const reader = new ContentReader((id) => {
    asked.push(id)
    return new Promise((answer, fail) => answers.push({ answer, fail }))
  }, clock)
  const outcomes: string[] = []
  const read = (id: number) =>
    reader.read(id).then(
      (content) => void outcomes.push(`${id} ${content === null ? 'gone' : 'read'}`),
      (error: unknown) => void outcomes.push(`${id} ${error instanceof FeatureError ? error.code : 'failed'}`),
    )
  return { clock, reader, asked, answers, outcomes, read }
}

const away = () => new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })

it('one question is under way for a project, and four at once', async () => {
  const { asked, answers, outcomes, read } = start()
  for (const id of [1, 1, 2, 3, 4, 5, 6]) void read(id)
  await settle()
  expect(asked).toEqual([1, 2, 3, 4])
  answers[0]?.answer(contentOf({ id: 1 }))
  answers[1]?.answer(null)
  await settle()
  expect(asked).toEqual([1, 2, 3, 4, 5, 6])
  expect(outcomes).toEqual(['1 read', '1 read', '2 gone'])
  void read(1)
  await settle()
  expect(asked).toEqual([1, 2, 3, 4, 5, 6])
  answers[2]?.answer(contentOf({ id: 3 }))
  await settle()
  expect(asked).toEqual([1, 2, 3, 4, 5, 6, 1])
})

it('a store that does not answer for a second is away: all who wait are told, and one question a second finds it again', async () => {
  const { clock, reader, asked, answers, outcomes, read } = start()
  for (const id of [1, 2, 3, 4, 5]) void read(id)
  await clock.advance(1_000)
  expect(outcomes.sort()).toEqual([1, 2, 3, 4, 5].map((id) => `${id} store_unavailable`))
  expect(reader.isAway).toBe(true)
  await read(6)
  expect(asked).toEqual([1, 2, 3, 4])
  await clock.advance(1_000)
  void read(7)
  await read(8)
  expect(asked).toEqual([1, 2, 3, 4, 7])
  answers[4]?.answer(contentOf({ id: 7 }))
  await settle()
  expect(reader.isAway).toBe(false)
  void read(8)
  await settle()
  expect(asked).toEqual([1, 2, 3, 4, 7, 8])
})

it('rows that cannot be read are the fault of one project', async () => {
  const { reader, asked, answers, outcomes, read } = start()
  void read(1)
  answers[0]?.fail(new FeatureError('store_rejected', { problem: 'an odd row', remedy: 'look at it' }))
  await settle()
  void read(2)
  answers[1]?.fail(away())
  await settle()
  expect([outcomes, asked, reader.isAway]).toEqual([['1 store_rejected', '2 store_unavailable'], [1, 2], true])
})
