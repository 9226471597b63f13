// The list of flags without a browser: a row that an event has told of does not go back to what an older list has, whichever comes first.
import { describe, expect, it, vi } from 'vitest'
import { rowReader } from '../../web/src/api/flags.js'
import type { Answer, Door } from '../../web/src/api/request.js'
import { makeFlagList } from '../../web/src/state/flag-list.js'
import { useFakeTime } from './fake-time.js'

function answerAt(version: number, share: number): Answer {
  const body = {
    position: `${version}-aa`,
    at: '2026-01-01T00:00:00Z',
    names: ['dark_mode'],
    columns: { state: { values: ['conditional'] }, percentage_of_actors: { values: [share] } },
  }
  return { status: 200, body, etag: `"${version}"` }
}

const unchanged: Answer = { status: 304, body: null, etag: null }

/** A list whose requests the test answers, one after the other. */
function open() {
  const asked: ((answer: Answer) => void)[] = []
  const door: Pick<Door, 'answer'> = { answer: () => new Promise((resolve) => asked.push(resolve)) }
  const list = makeFlagList({ ...door, ask: () => Promise.reject(new Error('the list asks for whole answers')) })
  const share = () => list.rows.value?.get('dark_mode')?.percentageOfActors
  const turn = () => vi.advanceTimersByTimeAsync(0)
  return {
    list,
    share,
    asked,
    async answer(given: Answer): Promise<void> {
      await turn()
      const [next] = asked.splice(0, 1)
      if (next === undefined) throw new Error('nothing was asked')
      next(given)
      await turn()
    },
    change(version: number, value: number): void {
      const rows = [rowReader(['name', 'state', 'percentage_of_actors'])(['dark_mode', 'conditional', value])]
      list.take({ position: `${version}-bb`, rows, gone: [], changes: [] })
    },
  }
}

describe('the list of flags', () => {
  useFakeTime()

  it('keeps a row as a change left it, where a list of before that arrives after it, and asks again', async () => {
    const { answer, asked, change, list, share } = open()
    const first = list.load()
    await answer(answerAt(1, 25))
    await first
    const second = list.load()
    await vi.advanceTimersByTimeAsync(0)
    change(2, 50)
    await answer(answerAt(1, 25))
    expect([share(), asked]).toEqual([50, []])
    await vi.advanceTimersByTimeAsync(500)
    expect(asked).toHaveLength(1)
    await answer(answerAt(2, 50))
    await second
    expect([share(), list.isLoading.value]).toEqual([50, false])
  })

  it('asks again where a server says that nothing is new, and has not yet heard of what another one told', async () => {
    const { answer, asked, list, share } = open()
    const first = list.load()
    await answer(answerAt(1, 25))
    await first
    list.heard('3-bb')
    const second = list.load()
    await answer(unchanged)
    expect(asked).toEqual([])
    await vi.advanceTimersByTimeAsync(500)
    await answer(answerAt(3, 60))
    await second
    expect(share()).toBe(60)
  })

  it('takes an older list in the end: a database that was restored has gone back', async () => {
    const { answer, list, share } = open()
    const first = list.load()
    await answer(answerAt(9, 90))
    await first
    const second = list.load()
    let times = 0
    let isOver = false
    void second.then(() => {
      isOver = true
    })
    while (!isOver) {
      await answer(answerAt(4, 40))
      times += 1
      expect(share()).toBe(isOver ? 40 : 90)
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(times).toBe(11)
    const third = list.load()
    await answer(answerAt(5, 50))
    await third
    expect(share()).toBe(50)
  })
})
