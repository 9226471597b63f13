// The one way of a change, without a browser: against a server that is played, with a clock of the test's own.
import { describe, expect, it } from 'vitest'
import type { ChangeTerms, Conflict, Outcome } from '../../web/src/api/changes.js'
import type { Preview } from '../../web/src/api/preview.js'
import { ApiFault } from '../../web/src/api/fault.js'
import { makeFlow } from '../../web/src/change/flow.js'
import type { Done } from '../../web/src/change/flow-state.js'
import type { Proposal } from '../../web/src/proposal/proposal.js'
import { useFakeTime } from './fake-time.js'

const flag = { name: 'dark_mode', revision: '1-aa-bb', gates: { percentage_of_actors: 25, percentage_of_time: 0 } }
const share = (value: number) => ({ op: 'percentage_of_actors', value }) as const

function previewOf(revision: string): Preview {
  const side = { state: 'conditional', stored: true, summary: 'on for 50 % of actors' }
  const effect = {
    actor_class: null,
    known: null,
    sample: 0,
    of: null,
    gain: 0,
    lose: 0,
    margin: 0,
    unknown: 0,
    gain_first: [],
    lose_first: [],
    without_actor: { before: 0, after: 0 },
    everybody: false,
  }
  const one = {
    name: 'dark_mode',
    revision,
    changed: true,
    before: side,
    after: side,
    gates: [],
    wiped: { actors: 0, never: 0, groups: 0 },
    effect,
    warnings: [],
  }
  return {
    flags: [one],
    level: 1,
    confirm: 'c1',
    policy: null,
    commands: { cli: null, curl: null, chatops: null },
    later: [],
  }
}

const refused = (status: number, code: string, body: unknown = null) =>
  new ApiFault({ kind: 'refused', status, code, message: code, body })
const lost = new ApiFault({ kind: 'offline', message: 'gone' })
const made: Outcome = { kind: 'done', changeId: 'made', revision: '2-cc-dd', position: '2', processes: null }
const changedBy = (author: string, rebase: Conflict['rebase'], revision: string): Conflict => ({
  rebase,
  revision,
  changes: [
    {
      change_id: 'x',
      at: '2026-01-01T00:00:00Z',
      author,
      source: 'cli',
      reason: null,
      sentence: '25 → 30 % of actors',
    },
  ],
})

/** A storage as a browser has it. */
function memoryStorage(): Storage {
  const items = new Map<string, string>()
  return {
    get length() {
      return items.size
    },
    clear: () => items.clear(),
    getItem: (key) => items.get(key) ?? null,
    key: (index) => [...items.keys()][index] ?? null,
    removeItem: (key) => void items.delete(key),
    setItem: (key, value) => void items.set(key, value),
  }
}

function play({
  storage = memoryStorage(),
  ready = Promise.resolve(),
}: {
  storage?: Storage
  ready?: Promise<void>
} = {}) {
  const asked: { readonly proposal: Proposal; readonly revision: string | null }[] = []
  const sent: ChangeTerms[] = []
  const done: Done[] = []
  /** What the server answers next; the usual where nothing is left. */
  const previews: (Preview | ApiFault)[] = []
  const outcomes: (Outcome | ApiFault | Promise<Outcome>)[] = []
  /** The ids of changes that the history has. */
  const history: string[] = []
  const flow = makeFlow({
    desk: {
      ready: () => ready,
      wasMade: async (_, changeId) => history.includes(changeId),
      async preview(proposal, revision) {
        asked.push({ proposal, revision })
        const next = previews.shift() ?? previewOf(revision ?? flag.revision)
        if (next instanceof ApiFault) throw next
        return next
      },
      async apply(_, terms) {
        sent.push(terms)
        const next = outcomes.shift() ?? made
        if (next instanceof ApiFault) throw next
        return next
      },
      conflictOf: (body) => body as Conflict | null,
    },
    storage,
    onDone: (one) => done.push(one),
    newId: () => `id ${sent.length}`,
  })
  return { flow, asked, sent, done, previews, outcomes, history, storage }
}

const pass = useFakeTime()

describe('a change of a flag', () => {
  it('is previewed once the slider rests, on the revision that was seen, and made with what the preview gave', async () => {
    const { flow, asked, sent, done } = play()
    for (const value of [30, 40, 50]) flow.edit(flag, share(value))
    await pass(199)
    expect([asked.length, flow.state.phase]).toEqual([0, 'pending'])
    await pass(1)
    expect(asked).toEqual([
      { proposal: { kind: 'operations', flag: 'dark_mode', operations: [share(50)] }, revision: '1-aa-bb' },
    ])
    flow.setReason('error rate flat')
    await flow.confirm()
    expect(sent).toMatchObject([
      { revision: '1-aa-bb', reason: 'error rate flat', confirm: 'c1', changeId: 'id 0', override: null, force: false },
    ])
    expect(done.map(({ outcome }) => outcome)).toEqual([made])
    expect([flow.state.phase, flow.state.proposal]).toEqual(['clean', null])
  })

  it('is not sent before its preview is there', async () => {
    const { flow, sent } = play()
    flow.edit(flag, share(50))
    await flow.confirm()
    expect(sent).toEqual([])
  })

  it('ends where it takes back what it set', async () => {
    const { flow } = play()
    flow.edit(flag, share(50))
    flow.edit(flag, share(25))
    expect(flow.state.phase).toBe('clean')
  })

  it('is of one flag at a time', async () => {
    const { flow } = play()
    flow.edit(flag, share(50))
    expect(flow.edit({ ...flag, name: 'other' }, share(50))).toBe(false)
    expect(flow.propose({ kind: 'undo', flag: 'other', changeId: '1', sentence: '' }, null, null)).toBe(false)
    flow.discard()
    expect(flow.edit({ ...flag, name: 'other' }, share(50))).toBe(true)
  })
})

describe('a review', () => {
  const undo: Proposal = { kind: 'undo', flag: 'dark_mode', changeId: '1', sentence: '' }

  it('that is cancelled keeps what was put together before it, and leaves nothing of an undo that was begun with it', async () => {
    const { flow, storage } = play()
    flow.edit(flag, share(50))
    flow.review()
    flow.endReview()
    expect([flow.state.phase, flow.state.isReviewing]).toEqual(['pending', false])
    flow.discard()
    flow.propose(undo, null, null)
    flow.review()
    flow.setReason('too many errors')
    flow.endReview()
    expect([flow.state.phase, flow.state.proposal, flow.state.reason, storage.length]).toEqual(['clean', null, '', 0])
  })

  it('of an undo that a person has left while it was sent, or that met another change, is of a pending change from then on', async () => {
    const { flow, outcomes } = play()
    const begin = async (outcome: Outcome | ApiFault | Promise<Outcome>) => {
      flow.propose(undo, null, null)
      flow.review()
      await pass(200)
      outcomes.push(outcome)
      return { confirmed: flow.confirm() }
    }
    let refuse: (fault: ApiFault) => void = () => {}
    const { confirmed } = await begin(
      new Promise<Outcome>((_, reject) => {
        refuse = reject
      }),
    )
    flow.endReview()
    expect(flow.state.phase).toBe('sending')
    refuse(refused(403, 'forbidden'))
    await confirmed
    flow.review()
    flow.endReview()
    expect([flow.state.phase, flow.state.proposal?.kind]).toEqual(['refused', 'undo'])
    flow.discard()
    await (await begin(refused(412, 'flag_changed', changedBy('ada', 'conflict', '2-cc-dd')))).confirmed
    flow.endReview()
    expect(flow.state.phase).toBe('conflict')
    flow.putOnTop()
    flow.review()
    flow.endReview()
    expect(flow.state.phase).toBe('pending')
  })

  it('is of the safer way that a person has chosen in it', async () => {
    const { flow } = play()
    flow.edit(flag, { op: 'enable' })
    flow.review()
    flow.propose({ kind: 'operations', flag: 'dark_mode', operations: [share(100)] }, flag.revision, flag.gates)
    expect(flow.state.isReviewing).toBe(true)
    flow.endReview()
    expect(flow.state.phase).toBe('pending')
  })
})

describe('a flag that another person changes meanwhile', () => {
  it('takes my change on top where they changed other gates, and says so', async () => {
    const { flow, asked, previews } = play()
    flow.edit(flag, share(50))
    await pass(200)
    previews.push(refused(412, 'flag_changed', changedBy('ada', 'clean', '2-cc-dd')))
    flow.flagChanged('dark_mode')
    await pass(10)
    expect(asked.at(-1)?.revision).toBe('2-cc-dd')
    expect([flow.state.phase, flow.state.note]).toEqual(['pending', expect.stringContaining('ada')])
  })

  it('asks the person where they changed the same gate, and puts mine on top only when told to', async () => {
    const { flow, outcomes, sent, asked } = play()
    flow.edit(flag, share(50))
    await pass(200)
    outcomes.push(refused(412, 'flag_changed', changedBy('ada', 'conflict', '2-cc-dd')))
    await flow.confirm()
    expect([flow.state.phase, flow.state.conflict?.changes[0]?.author]).toEqual(['conflict', 'ada'])
    await flow.confirm()
    expect(sent).toHaveLength(1)
    flow.putOnTop()
    await pass(0)
    expect(asked.at(-1)?.revision).toBe('2-cc-dd')
    await flow.confirm()
    expect(sent.map(({ revision, changeId }) => [revision, changeId])).toEqual([
      ['1-aa-bb', 'id 0'],
      ['2-cc-dd', 'id 1'],
    ])
  })

  it('is asked about once for a change of it, and not for others', async () => {
    const { flow, asked } = play()
    flow.edit(flag, share(50))
    await pass(200)
    flow.flagChanged('other')
    await pass(1_000)
    expect(asked).toHaveLength(1)
  })
})

describe('a change of which no answer comes', () => {
  it('is sent again under the same id until it is known what became of it, and is never called done before', async () => {
    const { flow, outcomes, sent, done } = play()
    flow.edit(flag, share(50))
    await pass(200)
    outcomes.push(lost, refused(503, 'outcome_unknown'), new ApiFault({ kind: 'slow', message: 'slow' }))
    const confirming = flow.confirm()
    await pass(0)
    expect([flow.state.phase, done.length]).toEqual(['checking', 0])
    await pass(5_000)
    await confirming
    expect(new Set(sent.map(({ changeId }) => changeId))).toEqual(new Set(['id 0']))
    expect([done.length, flow.state.phase]).toEqual([1, 'clean'])
  })

  it('is not made where the server says so, and stays pending', async () => {
    const { flow, outcomes, done } = play()
    flow.edit(flag, share(50))
    await pass(200)
    outcomes.push(lost, refused(403, 'forbidden'))
    const confirming = flow.confirm()
    await pass(5_000)
    await confirming
    expect([flow.state.phase, flow.state.fault?.code, done.length, flow.state.proposal?.kind]).toEqual([
      'refused',
      'forbidden',
      0,
      'operations',
    ])
  })

  it('is not called refused by an answer that says nothing of the first try: no sign-in, too many requests, no database', async () => {
    const { flow, outcomes, sent, done } = play()
    flow.edit(flag, share(50))
    await pass(200)
    outcomes.push(lost, ...[401, 429, 503].map((status) => refused(status, `http_${status}`)))
    const confirming = flow.confirm()
    await pass(4_400)
    expect([flow.state.phase, done.length]).toEqual(['checking', 0])
    await pass(200)
    await confirming
    expect([sent.length, done.length, flow.state.phase]).toEqual([5, 1, 'clean'])
  })

  it('is neither called made nor refused by a server that fails, before the history was asked', async () => {
    for (const isMade of [true, false]) {
      const { flow, outcomes, history, sent, done } = play()
      flow.edit(flag, share(50))
      await pass(200)
      if (isMade) history.push('id 0')
      outcomes.push(refused(500, 'internal_error'), refused(500, 'internal_error'))
      await flow.confirm()
      expect([flow.state.phase, sent.length, done.length]).toEqual(isMade ? ['clean', 2, 1] : ['refused', 2, 0])
    }
  })

  it.each([
    ['of another sign-in since', 428],
    ['by a person who may only look by now', 403],
  ])('is called made where the history has it, although the second try is refused: %s', async (_, status) => {
    const { flow, outcomes, history, done } = play()
    flow.edit(flag, share(50))
    await pass(200)
    history.push('id 0')
    outcomes.push(lost, refused(status, 'refused'))
    await flow.confirm()
    expect([flow.state.phase, done.map(({ outcome }) => outcome.changeId)]).toEqual(['clean', ['id 0']])
  })

  it('is not asked about before a person is signed in', async () => {
    const first = play()
    first.flow.edit(flag, share(50))
    await pass(200)
    first.outcomes.push(new Promise<Outcome>(() => {}))
    void first.flow.confirm()
    await pass(0)
    let signIn = () => {}
    const ready = new Promise<void>((resolve) => {
      signIn = resolve
    })
    const second = play({ storage: first.storage, ready })
    await pass(30_000)
    expect([second.flow.state.phase, second.sent.length]).toEqual(['checking', 0])
    signIn()
    await pass(0)
    expect([second.flow.state.phase, second.sent.length, second.done.length]).toEqual(['clean', 1, 1])
  })

  it('says after ten seconds that it is not known yet, and goes on asking', async () => {
    const { flow, outcomes, done } = play()
    flow.edit(flag, share(50))
    await pass(200)
    for (let index = 0; index < 10; index += 1) outcomes.push(lost)
    void flow.confirm()
    await pass(9_000)
    expect([flow.state.phase, flow.state.isLate]).toEqual(['checking', false])
    await pass(3_000)
    expect(flow.state.isLate).toBe(true)
    await pass(10_000)
    expect([flow.state.phase, done.length]).toEqual(['clean', 1])
  })

  it('is asked about after a reload, too', async () => {
    const first = play()
    first.flow.edit(flag, share(50))
    await pass(200)
    first.outcomes.push(new Promise<Outcome>(() => {}))
    void first.flow.confirm()
    await pass(0)
    const second = play({ storage: first.storage })
    expect(second.flow.state.phase).toBe('checking')
    await pass(0)
    expect(second.sent.map(({ changeId, revision }) => [changeId, revision])).toEqual([['id 0', '1-aa-bb']])
    expect(second.done).toHaveLength(1)
  })
})

describe('a change that is refused', () => {
  it('is shown anew where what was confirmed has run out', async () => {
    const { flow, outcomes, asked, done } = play()
    flow.edit(flag, share(50))
    await pass(200)
    outcomes.push(refused(428, 'confirmation_needed'))
    await flow.confirm()
    await pass(0)
    expect([flow.state.phase, asked.length, done.length]).toEqual(['pending', 2, 0])
    expect(flow.state.note).toContain('look at it again')
    await flow.confirm()
    expect(done).toHaveLength(1)
  })

  it('by the policy is kept with the reason', async () => {
    const { flow, outcomes } = play()
    flow.edit(flag, share(50))
    await pass(200)
    outcomes.push(refused(422, 'policy_refused'))
    await flow.confirm()
    expect([flow.state.phase, flow.state.fault?.code]).toEqual(['refused', 'policy_refused'])
  })

  it('waits for a second person where one has to agree, and lets another change begin', async () => {
    const { flow, outcomes, done } = play()
    flow.edit(flag, share(50))
    await pass(200)
    outcomes.push({ kind: 'waiting', proposalId: '7', expiresAt: '2026-01-02T00:00:00Z' })
    await flow.confirm()
    expect([flow.state.phase, done.length]).toEqual(['waiting', 0])
    expect(flow.edit({ ...flag, name: 'other' }, share(1))).toBe(true)
  })
})

describe('a pending change', () => {
  it('survives a reload with its reason, and is previewed anew', async () => {
    const first = play()
    first.flow.edit(flag, share(50))
    first.flow.setReason('flat')
    const second = play({ storage: first.storage })
    expect([second.flow.state.phase, second.flow.state.reason]).toEqual(['pending', 'flat'])
    await pass(200)
    expect(second.asked).toHaveLength(1)
  })

  it('is forgotten after an hour, after it was discarded, and where what is kept is not understood', async () => {
    const first = play()
    first.flow.edit(flag, share(50))
    await pass(3_600_000)
    expect(play({ storage: first.storage }).flow.state.phase).toBe('clean')
    const again = play()
    again.flow.edit(flag, share(50))
    again.flow.discard()
    expect(play({ storage: again.storage }).flow.state.phase).toBe('clean')
    for (const text of ['{', 'null', '{"proposal":{"kind":"operations","flag":7}}', '[]']) {
      const storage = memoryStorage()
      storage.setItem('sluice-pending', text)
      expect(play({ storage }).flow.state.phase).toBe('clean')
    }
  })

  it('lasts as long as the page where the browser keeps nothing', async () => {
    const full = {
      ...memoryStorage(),
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
    }
    const { flow } = play({ storage: full })
    flow.edit(flag, share(50))
    expect(flow.state.phase).toBe('pending')
  })
})
