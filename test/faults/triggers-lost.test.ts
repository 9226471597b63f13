// Triggers lost in five ways, before processes start and while they run: told at once, no own write unseen, and repaired for all.
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { tables } from '../store/triggers/losses.js'
import { atMost } from './figures.js'
import { Fleet, waiting } from './fleet.js'
import type { ReplicaStatus } from '../../lib/replica/replica.js'
import { compiledProgram } from './program.js'
import { hangMs, isFull, size } from './size.js'
import { type Kind, type Lossy, losses, openLossy } from './triggers-lost.js'
import { changeOf } from '../support/change.js'

const pollMs = size(300, 2_000)
/** A poll comes after 1.2 intervals at most; the rest is what the machine takes. */
const onePollMs = 1.2 * pollMs + 1_000
/** Without Redis, and without a position, content is compared that often. */
const contentMs = 60_000

type When = 'before the start' | 'after the start'
const kinds: readonly Kind[] = ['Postgres alone', 'with Redis', 'embedded']
const whens: readonly When[] = ['before the start', 'after the start']

/** Each kind and each moment once, each way once or more often. */
const few: readonly string[] = [
  'the functions are gone, with Redis, after the start',
  'one trigger is dropped, Postgres alone, before the start',
  'one trigger is disabled, with Redis, before the start',
  'a table is made anew, Postgres alone, after the start',
  'the body of a function is altered, embedded, before the start',
]
interface Case {
  readonly title: string
  readonly kind: Kind
  readonly when: When
  readonly lose: (lossy: Lossy) => Promise<void>
}
const cases: readonly Case[] = losses.flatMap(([title, lose]) =>
  kinds.flatMap((kind) => whens.map((when) => ({ title: `${title}, ${kind}, ${when}`, kind, when, lose }))),
)
const chosen = cases.filter(({ title }) => isFull || few.includes(title))

// It stops everything in this process for some seconds.
beforeAll(() => void compiledProgram(), hangMs)

describe('triggers that are lost', { timeout: hangMs }, () => {
  const title = 'are told of, hide no own write, and are repaired for all processes: $title'
  const isEmbedded = ({ kind }: Case) => kind === 'embedded'
  it.concurrent.each(chosen.filter((one) => !isEmbedded(one)))(title, tryCase)
  // This process runs the embedded database, and stands still for seconds when it begins: nothing else can go on meanwhile.
  it.each(chosen.filter(isEmbedded))(title, tryCase)
})

async function tryCase({ title, kind, when, lose }: Case): Promise<void> {
  const fault = `triggers lost: ${title}`
  const lossy = await openLossy(kind, pollMs)
  const fleets: Fleet[] = []
  try {
    if (when === 'before the start') await lose(lossy)
    const fleet = await Fleet.start(2, () => lossy.options)
    fleets.push(fleet)
    // On a busy machine a start may have given up on the database, and begun from the definitions.
    await fleet.equalTo(lossy.store)
    const before = await fleet.looks()
    const lostAt = performance.now()
    if (when === 'after the start') await lose(lossy)
    await expectTold(fault, fleet, lostAt)
    await expectOwnWrite(fault, fleet, kind)
    await expectRepaired(fault, fleet, lossy)
    for (const [index, { warnedTimes, threw, wrong, unhandled }] of (await fleet.looks()).entries()) {
      expect({ threw, wrong, unhandled }).toEqual({ threw: 0, wrong: before[index]?.wrong, unhandled: [] })
      const told = Object.entries(warnedTimes).filter(([message]) => message.includes('changes leave no history'))
      expect(told).toEqual([[expect.stringContaining('Run bin/feature-flag migrate'), 1]])
    }
  } finally {
    await Promise.all(fleets.map((fleet) => fleet.end()))
    await lossy.close()
  }
}

async function statusesOf(fleet: Fleet): Promise<readonly ReplicaStatus[]> {
  return (await Promise.all(fleet.members.map((member) => member.ask({ do: 'statuses' })))).flat()
}

async function expectTold(fault: string, fleet: Fleet, lostAt: number): Promise<void> {
  await vi.waitFor(async () => {
    for (const { triggers, warnings } of await statusesOf(fleet)) {
      expect(triggers?.state).toBe('broken')
      expect(warnings.join()).toContain('Run bin/feature-flag migrate')
    }
  }, waiting)
  atMost(fault, 'until status() says so in every process', onePollMs, performance.now() - lostAt, ' ms')
}

/** In the own process at once; in the other by name with its next poll, or without Redis by the content within a minute. */
async function expectOwnWrite(fault: string, fleet: Fleet, kind: Kind): Promise<void> {
  const ask = { do: 'ask', flag: 'by_actor', actor: 'User:77' } as const
  const { code } = await fleet.first.ask({ do: 'enable', flag: 'by_actor', actor: 'User:77', wait: false })
  const wroteAt = performance.now()
  expect(code).toBe(null)
  expect(await fleet.first.ask(ask)).toEqual([true])
  // A minute is waited for at full size alone; the repair below makes it right everywhere.
  if (kind !== 'with Redis' && !isFull) return
  await vi.waitFor(async () => {
    for (const member of fleet.members) expect(await member.ask(ask)).toEqual([true])
  }, waiting)
  const goalMs = kind === 'with Redis' ? onePollMs : contentMs + onePollMs
  atMost(fault, 'until the other process has an own write', goalMs, performance.now() - wroteAt, ' ms')
}

/** After what nobody was told of, and with a change right behind the repair. */
async function expectRepaired(fault: string, fleet: Fleet, { store, connection, sql }: Lossy): Promise<void> {
  await sql(`insert into feature_gates (feature_key, key, value) values ('by_actor', 'actors', 'User:78')`)
  const { repaired } = await migrate({ connection, tables })
  const repairedAt = performance.now()
  await store.apply(changeOf({ feature: 'load_a', operation: { kind: 'enable' } }))
  expect(repaired.length).toBeGreaterThan(0)
  for (const text of repaired) expect(text).toMatch(/^(trigger|function|table|row) .* \((missing|disabled|altered)\)$/)
  await vi.waitFor(async () => {
    const { position } = await store.head(null)
    for (const member of fleet.members) {
      expect(await member.ask({ do: 'ask', flag: 'by_actor', actor: 'User:78' })).toEqual([true])
      expect(await member.ask({ do: 'ask', flag: 'load_a', actor: null })).toEqual([true])
    }
    for (const status of await statusesOf(fleet)) {
      expect(status).toMatchObject({ position, triggers: { state: 'sound', faults: [] } })
    }
  }, waiting)
  atMost(fault, 'until every process is right after migrate', onePollMs, performance.now() - repairedAt, ' ms')
  await fleet.equalTo(store)
}
