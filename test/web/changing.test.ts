// What the page offers for the changes that it has made, without a browser: a server and its stream are played.
import { describe, expect, it, vi } from 'vitest'
import { ApiFault } from '../../web/src/api/fault.js'
import type { HistoryChange } from '../../web/src/api/history.js'
import type { Door } from '../../web/src/api/request.js'
import { makeLive } from '../../web/src/live/live.js'
import type { LiveEvent } from '../../web/src/live/events.js'
import { changedAgain } from '../../web/src/change/changed-again.js'
import { makeAccount } from '../../web/src/state/account.js'
import { makeActorClasses } from '../../web/src/state/actor-classes.js'
import { makeChanging } from '../../web/src/state/changing.js'
import { makeFlagList } from '../../web/src/state/flag-list.js'
import { makeMessages } from '../../web/src/state/messages.js'
import { useFakeTime } from './fake-time.js'

const side = { state: 'conditional', stored: true, summary: 'on for some' }
const effect = { actor_class: null, known: null, of: null, gain: 0, lose: 0, without_actor: { before: 0, after: 0 } }

function previewOf(name: string): object {
  const wiped = { actors: 0, never: 0, groups: 0 }
  const one = { name, revision: '1-a-b', changed: true, before: side, after: side, gates: [], wiped, effect }
  return { flags: [one], level: 0, confirm: 'c', policy: null }
}

/** The page of a person who is signed in, and a server that makes each change under an id of its own: 1, 2, 3. */
function play() {
  let made = 0
  /** The history of a flag, newest first: what it did to which gates, by whom; null where the server cannot say. */
  let history: readonly object[] | null = []
  const listeners = new Set<(event: LiveEvent) => void>()
  const door: Door = {
    async ask(path, parser) {
      if (!path.startsWith('/api/web/history')) return parser(previewOf(path.split('/')[4] ?? ''), '')
      if (history === null) throw new ApiFault({ kind: 'refused', status: 503, code: 'store_unavailable', message: '' })
      return parser({ entries: history, next: null }, '')
    },
    async answer(path) {
      if (!path.startsWith('/api/v4')) throw new ApiFault({ kind: 'offline', message: 'gone' })
      made += 1
      return { status: 200, body: { flag: { revision: '2-a-b' }, change: { id: String(made) } }, etag: null }
    },
  }
  const session = {
    name: 'sam',
    role: 'write',
    scopes: ['write'],
    csrf: 'x',
    expires_at: null,
    one_time: false,
  } as const
  const state = { boot: null, session, isOver: false, fault: null, isOutdated: false }
  const messages = makeMessages()
  const changing = makeChanging({
    actorClasses: makeActorClasses(),
    door,
    account: { ...makeAccount(door), state },
    flags: makeFlagList(door),
    live: {
      ...makeLive({ poll: async () => undefined }),
      on(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    messages,
  })
  const { flow } = changing
  return {
    changing,
    flow,
    historyIs(changes: readonly object[] | null) {
      history = changes
    },
    async change(name: string) {
      flow.edit(
        { name, revision: '1-a-b', gates: { percentage_of_actors: 25, percentage_of_time: 0 } },
        { op: 'percentage_of_actors', value: 50 },
      )
      await pass(300)
      await flow.confirm()
      await pass(0)
    },
    async tell(name: string, id: string, author: string) {
      const change = { change_id: id, name, author, source: 'cli', reason: null, sentence: '', at: '' }
      const data = { position: '9-a', rows: [], gone: [], changes: [change] }
      for (const listener of listeners) listener({ type: 'flags', data })
      await pass(0)
    },
    /** Each message, with what it offers. */
    shown: () => messages.shown.map(({ action, text }) => (action === undefined ? text : `${text} [${action.label}]`)),
    press: () => messages.shown[0]?.action?.run(),
  }
}

const pass = useFakeTime()

const mine = entry('1', 'sam', 'percentage_of_actors')

function entry(id: string, author: string, gate: string, undoes: string | null = null): HistoryChange {
  const flags = [{ name: 'dark_mode', sentence: '', gates: [gate] }]
  const counts = { flags: 1, added: 1, removed: 0 }
  const when = { position: `${id}-a`, at: '2026-01-01T00:00:00Z' }
  return {
    change_id: id,
    author,
    flags,
    counts,
    undoes,
    ...when,
    source: '',
    reason: null,
    untracked: false,
    restores: null,
  }
}

describe('the history of a flag', () => {
  const again = (...before: readonly HistoryChange[]) =>
    changedAgain([...before, mine], '1', 'dark_mode')?.author ?? null

  it('tells who has taken a change back, or has written the same value again', () => {
    expect(again(entry('3', 'bob', 'percentage_of_actors'), entry('2', 'ada', 'percentage_of_actors'))).toBe('bob')
    expect(again(entry('3', 'bob', 'boolean'), entry('2', 'ada', 'percentage_of_actors', '1'))).toBe('ada')
    expect(changedAgain([entry('2', 'ada', 'percentage_of_actors'), mine], '1', 'fun_fonts')).toBe(null)
  })

  it('tells of nothing where other gates were changed, lists have more entries, or it does not reach so far', () => {
    expect(again(entry('2', 'ada', 'actors'))).toBe(null)
    const lists = [entry('2', 'ada', 'actors'), entry('1', 'sam', 'actors')]
    expect(changedAgain(lists, '1', 'dark_mode')).toBe(null)
    expect(changedAgain([entry('2', 'ada', 'percentage_of_actors')], '1', 'dark_mode')).toBe(null)
  })
})

describe('a change that this page has made', () => {
  it('is offered to be taken back until the page changes the flag again, beside those of other flags', async () => {
    const { change, shown } = play()
    await change('dark_mode')
    await change('fun_fonts')
    await change('dark_mode')
    expect(shown()).toEqual(['fun_fonts: on for some [Undo]', 'dark_mode: on for some [Undo]'])
  })

  it('is offered still where its review was cancelled, and no more once it was taken back', async () => {
    const { change, flow, press, shown } = play()
    await change('dark_mode')
    press()
    await pass(300)
    expect([flow.state.isReviewing, shown().length]).toEqual([true, 1])
    flow.endReview()
    expect([flow.state.phase, shown()]).toEqual(['clean', ['dark_mode: on for some [Undo]']])
    press()
    await pass(300)
    await flow.confirm()
    expect(shown()).toHaveLength(1)
    press()
    expect(flow.state.proposal).toMatchObject({ kind: 'undo', changeId: '2' })
  })

  it('is offered no more where another person has taken it back, which is said until the message goes', async () => {
    const { change, changing, historyIs, shown, tell } = play()
    await change('dark_mode')
    historyIs([entry('3', 'bob', 'groups'), entry('2', 'ada', 'percentage_of_actors', '1'), mine])
    await tell('dark_mode', '2', 'ada')
    expect(shown()).toEqual(['dark_mode: on for some · changed again by ada'])
    expect(changing.undoLast()).toBe(false)
    await pass(10_000)
    expect(shown()).toEqual([])
  })

  it('is offered still where the event is its own, another flag changed, another gate did, or the server cannot say', async () => {
    const { change, historyIs, shown, tell } = play()
    await change('dark_mode')
    historyIs([entry('2', 'ada', 'actors'), mine])
    await tell('dark_mode', '2', 'ada')
    historyIs(null)
    await tell('dark_mode', '2', 'ada')
    historyIs([entry('2', 'ada', 'percentage_of_actors'), mine])
    await tell('fun_fonts', '2', 'ada')
    await tell('dark_mode', '1', 'sam')
    expect(shown()).toEqual(['dark_mode: on for some [Undo]'])
  })

  it('is told to who listens, and forgotten for the next person', async () => {
    const { change, changing } = play()
    const heard = vi.fn()
    const stop = changing.onMade(heard)
    await change('dark_mode')
    stop()
    await change('fun_fonts')
    expect(heard).toHaveBeenCalledTimes(1)
    changing.forget()
    expect(changing.undoLast()).toBe(false)
  })
})
