// Several processes that share a database (and a Redis), and what must hold for them whatever happens.
import { expect, vi } from 'vitest'
import type { Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import { createProject, type TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { atMost } from './figures.js'
import type { Expected, Look, SentOptions } from './process/messages.js'
import { hangMs, size } from './size.js'

/** Flags that loads write to; their actors are spread over them. */
export const loadFlags = ['load_a', 'load_b', 'load_c', 'load_d']

/** What `seed` stores, as questions: every one is answered otherwise by the definitions alone, or by nothing at all. */
export const expected: readonly Expected[] = [
  { flag: 'stable_on', actor: null, answer: true },
  { flag: 'stable_off', actor: null, answer: false },
  { flag: 'by_actor', actor: 'User:1', answer: true },
  { flag: 'by_actor', actor: 'User:2', answer: false },
  { flag: 'by_half', actor: 'User:3', answer: true },
]

/** A project that defines the flags of `expected` and of loads. */
export async function createFleetProject(): Promise<TestProject> {
  const project = await createProject('stable_on', 'by_actor', 'by_half', 'changing', ...loadFlags)
  await project.define('stable_off', { defaultEnabled: true })
  return project
}

/** Stores what `expected` asks for. */
export async function seed(store: Store): Promise<void> {
  await store.apply(
    changeOf(
      { feature: 'stable_on', operation: { kind: 'enable' } },
      { feature: 'stable_off', operation: { kind: 'disable' } },
      { feature: 'by_actor', operation: { kind: 'add', gate: 'actors', values: ['User:1'] } },
      { feature: 'by_half', operation: { kind: 'set', gate: 'percentage_of_actors', value: '100' } },
    ),
  )
}

export class Fleet {
  readonly members: readonly CheckerProcess[]
  #heapBefore: readonly number[] = []

  private constructor(members: readonly CheckerProcess[]) {
    this.members = members
  }

  /** Starts that many processes; `options` may differ from member to member. */
  static async start(count: number, options: (index: number) => SentOptions): Promise<Fleet> {
    const fleet = new Fleet(Array.from({ length: count }, () => new CheckerProcess()))
    await Promise.all(fleet.members.map((member, index) => member.startWithContent(options(index), expected)))
    fleet.#heapBefore = await fleet.#weigh()
    return fleet
  }

  get first(): CheckerProcess {
    const [member] = this.members
    if (member === undefined) throw new Error('the fleet is empty')
    return member
  }

  looks(): Promise<Look[]> {
    return Promise.all(this.members.map((member) => member.look()))
  }

  /** Waits until every member holds what the database holds, and resolves with how long that took. */
  async equalTo(database: DatabaseMachine | Store): Promise<number> {
    const before = performance.now()
    await vi.waitFor(async () => {
      const store = database instanceof DatabaseMachine ? database.store : database
      expect(await digestsOf(this.members)).toEqual(await truth(store))
    }, settling)
    return performance.now() - before
  }

  /** Expects what must hold in every row of the matrix, and notes the figures. */
  async expectSound(fault: string): Promise<void> {
    const looks = await this.looks()
    for (const look of looks) expect(look).toMatchObject({ threw: 0, wrong: 0, unhandled: [] })
    atMost(
      fault,
      'checks that threw or changed',
      0,
      looks.reduce((sum, look) => sum + look.threw + look.wrong, 0),
    )
    atMost(fault, 'p99 of a check', 1_000, Math.max(...looks.map(({ checkP99Ns }) => checkP99Ns)), ' ns')
    const weights = await this.#weigh()
    const grown = weights.map((heapMb, index) => heapMb - (this.#heapBefore[index] ?? 0))
    atMost(fault, 'memory grown', steadyMb, Math.max(...grown), ' MB')
    // Generous: a leak of a kilobyte a second of checking would be far below, one of every check far above.
    for (const megabytes of grown) expect(megabytes).toBeLessThan(10 * steadyMb)
  }

  #weigh(): Promise<number[]> {
    return Promise.all(this.members.map((member) => member.ask({ do: 'weigh' })))
  }

  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => member.end('SIGKILL')))
  }
}

const steadyMb = 5

/** Polls until something holds; ends as a hanging test only. */
export const waiting = { timeout: hangMs - 20_000, interval: 20 }
/** For what stays once it is reached, and costs Postgres and each process some milliseconds to look at: only the full size compares the time. */
const settling = { ...waiting, interval: size(100, 20) }

async function digestsOf(members: readonly CheckerProcess[]): Promise<unknown> {
  const each = await Promise.all(members.map((member) => member.ask({ do: 'digest' })))
  return [...new Set(each.flat().map((one) => JSON.stringify(one)))]
}

async function truth(store: Store): Promise<unknown> {
  const { position, digest } = await store.readAll({ digest: true })
  return [JSON.stringify({ version: position?.version ?? null, nonce: position?.nonce ?? null, digest })]
}
