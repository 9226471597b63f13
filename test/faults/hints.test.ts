// Hints that are lost, late, repeated, out of order or forged: a position never stands for other content than its own.
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { Hint } from '../../lib/cache/cache.js'
import { MemoryCache } from '../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../lib/cache/memory/hub.js'
import { type Circle, hintMessage } from '../../lib/cache/format/message.js'
import type { FlagSnapshot } from '../../lib/replica/flag-content.js'
import { MemoryStore } from '../../lib/store/memory/store.js'
import { makeSealer } from '../../lib/state/sealed.js'
import { type Position, samePosition, type StoredFeature } from '../../lib/state/state.js'
import { changeOf } from '../support/change.js'
import { ManualClock } from '../support/manual-clock.js'
import { type Random, seededRandom } from '../support/random.js'
import { atMost } from './figures.js'
import { hangMs, size } from './size.js'
import { makeReplica } from '../support/replica.js'
import type { FlagReplica } from '../../lib/replica/flag-content.js'

const flags = 10
const messages = size(20_000, 1_000_000)
const writes = size(400, 4_000)

const replicas: FlagReplica[] = []
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.close()))
})

describe('hints', () => {
  it(`shuffled, repeated, lost and forged (${messages}) mislead no process, and one poll makes all right`, {
    timeout: hangMs,
  }, async () => {
    const fault = 'hints lost, reordered, repeated, forged'
    const store = new MemoryStore()
    const hub = new MemoryCacheHub({ network: (_, deliver) => deliver() })
    const contents = new Map<string, string>()
    let mislabelled = 0
    const clock = new ManualClock()
    const replica = makeReplica({
      store,
      clock,
      pollIntervalMs: 10_000,
      cache: new MemoryCache({ hub }),
    })
    replica.current.subscribe(({ snapshot }) => {
      if (contents.get(snapshot.position?.nonce ?? '') !== contentOf(snapshot)) mislabelled += 1
    })
    replicas.push(replica)
    const [hints, identity] = await writeAll(store, contents, () => replica.start())
    const circle = { sealer: makeSealer(null), identity }
    const texts = hints.map((hint) => hintMessage(circle, hint))
    const random = seededRandom()

    for (let sent = 0; sent < messages; sent++) {
      const text = random.pick(texts)
      hub.send(identity, sent % 10 === 0 ? forged(text, hints, circle, random) : text)
      if (sent % 1_000 === 0) await clock.advance(1)
    }
    expect(mislabelled).toBe(0)
    await clock.advance(12_000)
    // One more write, of which no hint comes: the poll makes good for it.
    await store.apply(changeOf({ feature: 'flag_0', operation: { kind: 'disable' } }))
    const { position, items: features } = await store.readAll()
    contents.set(position?.nonce ?? '', contentOfStored(new Map(features.map((one) => [one.key, one]))))
    const lostAt = clock.now()
    while (!samePosition(replica.snapshot.position, position) && clock.now() < lostAt + 60_000) await clock.advance(100)
    const rightAfterMs = clock.now() - lostAt
    expect(replica.snapshot.position).toEqual(position)
    expect(contentOf(replica.snapshot)).toBe(contents.get(position?.nonce ?? ''))
    expect(replica.counts().shared.applied).toBeGreaterThan(0)
    atMost(fault, `contents given a wrong position (of ${messages.toLocaleString('en')} messages)`, 0, mislabelled)
    atMost(fault, 'right after a lost hint, by the clock of the test', 12_000, rightAfterMs, ' ms')
  })
})

/** Writes while the replica starts in the middle, and returns the hints of all changes, some over several of them. */
async function writeAll(store: MemoryStore, contents: Map<string, string>, start: () => Promise<void>) {
  const made: Position[] = []
  const { identity, position: first } = await store.readAll()
  if (first === null || identity === null) throw new Error('a store in memory has a position')
  made.push(first)
  contents.set(first.nonce, contentOfFlags(0))
  const hints: Hint[] = []
  for (let number = 1; number <= writes; number++) {
    const operation = { kind: 'set', gate: 'percentage_of_actors', value: String(number / 1_000) } as const
    await store.apply(changeOf({ feature: `flag_${number % flags}`, operation }))
    const { position } = await store.head(null)
    if (position === null) throw new Error('a store in memory has a position')
    contents.set(position.nonce, contentOfFlags(number))
    made.push(position)
    if (number === Math.floor(writes / 2)) await start()
    const back = 1 + (number % 4)
    const from = made.at(-1 - back)
    if (from === undefined) continue
    const { delta } = await store.readSince(from)
    if (delta === null) throw new Error('a store in memory forgets nothing')
    hints.push({ from, via: delta.via.slice(0, -1), to: position, changed: number % 9 === 0 ? null : delta.changed })
  }
  return [hints, identity] as const
}

/** A hint from and to nowhere, or of another database, or no hint at all. */
function forged(text: string, hints: readonly Hint[], circle: Circle, random: Random): string {
  const hint = random.pick(hints)
  const nowhere = { version: hint.from.version, nonce: randomUUID() }
  switch (random.below(4)) {
    case 0:
      return hintMessage(circle, { ...hint, from: nowhere, via: [] })
    case 1:
      return hintMessage({ ...circle, identity: randomUUID() }, hint)
    case 2:
      return text.slice(0, random.below(text.length))
    default:
      return text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))
  }
}

function contentOf({ entries }: FlagSnapshot): string {
  const stored = [...entries.values()].flatMap(({ name, stored }) => (stored === null ? [] : [[name, stored] as const]))
  return contentOfStored(new Map(stored))
}

function contentOfStored(stored: ReadonlyMap<string, StoredFeature>): string {
  const values = Array.from(
    { length: flags },
    (_, flag) => stored.get(`flag_${flag}`)?.gates.get('percentage_of_actors')?.[0],
  )
  return values.join(' ')
}

/** What the flags hold after that many writes, each to the next flag. */
function contentOfFlags(written: number): string {
  const values = Array.from({ length: flags }, (_, flag) => {
    const last = written - ((((written - flag) % flags) + flags) % flags)
    return last < 1 ? undefined : String(last / 1_000)
  })
  return values.join(' ')
}
