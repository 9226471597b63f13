// The embedded store in several processes that open at the same moment and are killed at any. Small by default;
// SLUICE_FULL_SIZE=1 runs 20 kills in 1,000 writes each and 50 openings, and prints what it took.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { EmbeddedStore } from '../../lib/store/embedded.js'
import { changeOf } from '../support/change.js'
import { copyMadeDatabase } from '../support/made-database.js'
import { seededRandom } from '../support/random.js'
import { compiledProgram } from '../faults/program.js'

const fullSize = process.env['SLUICE_FULL_SIZE'] !== undefined
const kills = fullSize ? 20 : 2
const openings = fullSize ? 50 : 2
/** A guard against hanging, not a goal. */
const patience = fullSize ? 1_200_000 : 120_000

let root: string
const children: Child[] = []
const stores: EmbeddedStore[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-processes-'))
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const child of children.splice(0)) await child.kill()
  await rm(root, { recursive: true, force: true })
})

class Child {
  readonly heard: string[] = []
  readonly #process: ChildProcess
  readonly #ended: Promise<void>
  #wake = () => {}
  #alive = true

  constructor() {
    const running = spawn(process.execPath, ['--liftoff-only', compiledProgram('embedded')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#process = running
    running.stdin.on('error', () => {}) // Killed while it was told something.
    this.#ended = new Promise((resolve) => {
      running.once('close', () => {
        this.#alive = false
        this.#wake()
        resolve()
      })
    })
    createInterface({ input: running.stdout }).on('line', (line) => {
      this.heard.push(line)
      this.#wake()
    })
    children.push(this)
  }

  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  /** Waits for a line that the test accepts; fails with what was heard when the process ends or fails first. */
  async hear(accepts: (line: string) => boolean, from = 0): Promise<string> {
    for (;;) {
      const found = this.heard.slice(from).find(accepts)
      if (found !== undefined) return found
      if (!this.#alive || this.heard.slice(from).some((line) => line.startsWith('failed'))) {
        throw new Error(`the process did not answer, but said: ${this.heard.slice(from).join('; ')}`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  ask(line: string, answer: RegExp): Promise<string> {
    const from = this.heard.length
    this.tell(line)
    return this.hear((said) => answer.test(said), from)
  }

  /** The numbers whose writes were acknowledged. */
  get written(): readonly number[] {
    return this.heard.filter((line) => line.startsWith('wrote ')).map((line) => Number(line.slice(6)))
  }

  async kill(): Promise<void> {
    if (this.#alive) this.#process.kill('SIGKILL')
    await this.#ended
  }

  /** Takes it its only work. */
  async end(): Promise<void> {
    this.#process.stdin?.end()
    await this.#ended
  }

  pause(): void {
    this.#process.kill('SIGSTOP')
  }

  resume(): void {
    this.#process.kill('SIGCONT')
  }
}

async function openStore(): Promise<EmbeddedStore> {
  const store = new EmbeddedStore({
    root,
    tables: { features: 'features', gates: 'feature_gates' },
    logger: silentLogger,
  })
  stores.push(store)
  await store.open()
  return store
}

async function storedNumbers(store: EmbeddedStore): Promise<ReadonlySet<number>> {
  const { items: features } = await store.readAll()
  const actors = features.find(({ key }) => key === 'numbers')?.gates.get('actors') ?? []
  return new Set(actors.map((actor) => Number(actor.slice('User:'.length))))
}

function write(store: EmbeddedStore, n: number) {
  const operation = { kind: 'add', gate: 'actors', values: [`User:${n}`] } as const
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  return store.apply({ ...changeOf({ feature: 'numbers', operation }), id })
}

it('the embedded store loses no acknowledged write to kill -9, and starts again after each', {
  timeout: patience,
}, async () => {
  const acknowledged: number[] = []
  const random = seededRandom()
  let begun = 0
  await copyMadeDatabase(root)
  for (let round = 0; round < kills; round++) {
    const child = new Child()
    expect(await child.ask(`open ${root}`, /^opened/)).toBe('opened owner')
    const enough = fullSize ? random.below(900) : 5 + round * 20
    child.tell(`write ${begun + 1} ${begun + 1_000}`)
    await child.hear(() => child.written.length >= enough)
    await child.kill()
    acknowledged.push(...child.written)
    begun += 1_000
  }
  const stored = await storedNumbers(await openStore())
  expect(acknowledged.filter((n) => !stored.has(n))).toEqual([])
  // Per kill at most the one write that was under way is stored without having been acknowledged.
  expect(stored.size - acknowledged.length).toBeLessThanOrEqual(kills)
  if (fullSize) console.log({ kills, acknowledged: acknowledged.length, stored: stored.size })
})

it('the embedded store starts after a first start that was killed at any moment', { timeout: patience }, async () => {
  const data = join(root, '.feature', 'postgres', 'data')
  // From before the folder is there to its about 1,000 files.
  const fileCounts = Array.from({ length: kills }, (_, round) => Math.floor((round * 1_000) / kills))
  const killedHalfWay: boolean[] = []
  for (const count of fileCounts) {
    const child = new Child()
    child.tell(`open ${root}`)
    const half = async () => existsSync(data) && (await readdir(data, { recursive: true })).length >= count
    await expect.poll(half, { interval: 1, timeout: 30_000 }).toBe(true)
    await child.kill()
    killedHalfWay.push(existsSync(join(data, '..', 'unpacking')))
  }
  expect(killedHalfWay).toContain(true)
  const store = await openStore()
  await write(store, 1)
  expect(await storedNumbers(store)).toEqual(new Set([1]))
})

it('the embedded store works for two processes that open at the same moment', { timeout: patience }, async () => {
  const [a, b] = [new Child(), new Child()]
  let owners = 0
  for (let round = 0; round < openings; round++) {
    // Every other time there is no data folder yet.
    if (round % 2 === 0) {
      await rm(root, { recursive: true, force: true })
      root = await mkdtemp(join(tmpdir(), 'sluice-processes-'))
    }
    const opened = await Promise.all([a, b].map((child) => child.ask(`open ${root}`, /^opened/)))
    expect(opened.toSorted()).toEqual(['opened client', 'opened owner'])
    if (opened[0] === 'opened owner') owners++
    const [from, to] = [round * 10 + 1, round * 10 + 5]
    await Promise.all([a.ask(`write ${from} ${to}`, /^done/), b.ask(`write ${from + 5} ${to + 5}`, /^done/)])
    await Promise.all([a, b].map((child) => child.ask('close', /^closed/)))
  }
  const stored = await storedNumbers(await openStore())
  const rounds = openings % 2 === 0 ? 2 : 1
  expect(stored.size).toBe(rounds * 10)
  if (fullSize) console.log({ openings, ownedByTheFirst: owners })
})

it('the embedded store goes on in a client when the owner is killed in the middle of writes', {
  timeout: patience,
}, async () => {
  await copyMadeDatabase(root)
  const owner = new Child()
  expect(await owner.ask(`open ${root}`, /^opened/)).toBe('opened owner')
  const client = await openStore()
  expect(client.owning).toBe(false)
  owner.tell('write 1 1000')
  const mine: number[] = []
  const writeThroughout = async () => {
    for (let n = 2_001; !client.owning || mine.length < 40; n++) {
      await write(client, n)
      mine.push(n)
    }
  }
  const killMeanwhile = async () => {
    await owner.hear(() => owner.written.length >= 30)
    await owner.kill()
  }
  await Promise.all([writeThroughout(), killMeanwhile()])
  const stored = await storedNumbers(client)
  expect([...owner.written, ...mine].filter((n) => !stored.has(n))).toEqual([])
  expect(client.owning).toBe(true)
})

it('the embedded store goes on when a client is killed inside a transaction', { timeout: patience }, async () => {
  await copyMadeDatabase(root)
  const store = await openStore()
  const child = new Child()
  await child.ask(`open ${root}`, /^opened/)
  await child.ask('hold', /^holding/)
  const written = write(store, 1)
  await child.kill()
  expect(await written).toMatchObject({ changed: true })
})

it('the embedded store does not keep its process alive, and needs no close', { timeout: patience }, async () => {
  await copyMadeDatabase(root)
  const owner = new Child()
  await owner.ask(`open ${root}`, /^opened/)
  await owner.ask('write 1 1', /^done/)
  await owner.end()
  expect(owner.heard.at(-1)).toBe('left 0')
  expect(await storedNumbers(await openStore())).toEqual(new Set([1]))
})

it('the embedded store never takes over from an owner that hangs, and says which process it is', {
  timeout: patience,
}, async () => {
  await copyMadeDatabase(root)
  const owner = new Child()
  await owner.ask(`open ${root}`, /^opened/)
  const client = await openStore()
  owner.pause()
  try {
    const failing = expect(client.head(null)).rejects
    await failing.toMatchObject({ code: 'store_unavailable', message: /did not answer.*its owner, process \d+/ })
    expect(client.owning).toBe(false)
  } finally {
    owner.resume()
  }
  await expect.poll(() => client.head(null).then((head) => head.position?.version)).toBe('0')
})
