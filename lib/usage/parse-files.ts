// Parses many files: here, or in as many threads as there are processors. The threads start while the other files are still being read. A
// thread gets a batch, and the next ones as it answers, so that all of them end at nearly the same time. What a thread that ended too early
// leaves behind is parsed here.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { factsText } from './facts-text.js'
import type { SourceSettings } from './settings.js'

export type SourceFile = readonly [path: string, text: string]

/** For tests. */
export interface Threads {
  /** How many at most. Default: one for each processor, 8 at most. */
  readonly most?: number
  /** How many files make a thread worth its start. */
  readonly worthOne?: number
  /** The file that a thread is entered by. */
  readonly entry?: URL
}

/** Starting a thread takes as long as parsing so many files. */
const filesWorthAThread = 150
const mostThreads = 8
const batchSize = 20
/** A thread is given so many batches ahead: many while files are read, because no answer is heard of until that ends. */
const batchesAhead = { whileReading: 8, afterwards: 2 }

interface Batch {
  readonly first: number
  readonly files: readonly SourceFile[]
}

interface Thread {
  readonly worker: Worker
  readonly open: Batch[]
}

export class ParsedFiles {
  readonly #settings: SourceSettings
  readonly #most: number
  readonly #worthOne: number
  readonly #entry: URL
  readonly #files: SourceFile[] = []
  readonly #texts: string[] = []
  readonly #leftBehind: Batch[] = []
  #threads: Thread[] = []
  #given = 0
  #isComplete = false
  #settled: () => void = () => {}

  constructor({ calls, properties }: SourceSettings, threads: Threads = {}) {
    this.#settings = { calls, properties }
    const { most = Math.min(availableParallelism(), mostThreads), worthOne = filesWorthAThread } = threads
    this.#most = most
    this.#worthOne = worthOne
    this.#entry = threads.entry ?? new URL('./source/worker.js', import.meta.url)
  }

  /** Takes a file. `expected`: how many there will be, as far as that can be said. */
  add(file: SourceFile, expected: number): void {
    this.#files.push(file)
    if (this.#threads.length === 0 && expected >= 2 * this.#worthOne) this.#start(Math.floor(expected / this.#worthOne))
    if (this.#files.length - this.#given >= batchSize) this.#give()
  }

  /** The facts of all files as texts, in the order in which they came. Throws ConfigurationError where a package that is needed is missing. */
  async finish(): Promise<readonly string[]> {
    this.#isComplete = true
    if (this.#threads.length > 0) {
      await new Promise<void>((resolve) => {
        this.#settled = resolve
        this.#give()
      })
      await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
    }
    const here = [...this.#leftBehind, { first: this.#given, files: this.#files.slice(this.#given) }]
    for (const batch of here) if (batch.files.length > 0) this.#keep(batch, await this.#parseHere(batch.files))
    return this.#texts
  }

  async #parseHere(files: readonly SourceFile[]): Promise<readonly string[]> {
    const { loadReader } = await import('./source/reader.js')
    const reader = await loadReader(this.#settings, new Set(files.map(([path]) => extname(path))))
    return files.map(([path, text]) => factsText(reader.read(path, text)))
  }

  #keep({ first, files }: Batch, texts: readonly string[]): void {
    for (const index of files.keys()) this.#texts[first + index] = texts[index] ?? ''
  }

  /** In a checkout that is not built there is no file for a thread. */
  #start(count: number): void {
    if (!existsSync(fileURLToPath(this.#entry))) return
    for (let started = 0; started < Math.min(count, this.#most) && this.#most > 1; started++) {
      // A tree lives for a moment. With the usual room for young objects a fifth of the time would go into moving them.
      const resourceLimits = { maxYoungGenerationSizeMb: 64 }
      const thread = { worker: new Worker(this.#entry, { workerData: this.#settings, resourceLimits }), open: [] }
      this.#threads.push(thread)
      thread.worker.on('message', (texts: readonly string[]) => this.#answered(thread, texts))
      // What is wrong shows when its files are parsed here.
      thread.worker.on('error', () => this.#ended(thread))
      thread.worker.on('exit', () => this.#ended(thread))
    }
  }

  #answered(thread: Thread, texts: readonly string[]): void {
    const batch = thread.open.shift()
    if (batch !== undefined) this.#keep(batch, texts)
    this.#give()
  }

  #ended(thread: Thread): void {
    this.#leftBehind.push(...thread.open.splice(0))
    this.#threads = this.#threads.filter((one) => one !== thread)
    this.#give()
  }

  /** Gives batches to the threads that have the fewest; the last batch may be a small one. */
  #give(): void {
    const least = this.#isComplete ? 1 : batchSize
    const ahead = this.#isComplete ? batchesAhead.afterwards : batchesAhead.whileReading
    while (this.#files.length - this.#given >= least) {
      const [next] = [...this.#threads].sort((one, two) => one.open.length - two.open.length)
      if (next === undefined || next.open.length >= ahead) break
      const batch = { first: this.#given, files: this.#files.slice(this.#given, this.#given + batchSize) }
      this.#given += batch.files.length
      next.open.push(batch)
      next.worker.postMessage(batch.files)
    }
    if (this.#threads.every(({ open }) => open.length === 0)) this.#settled()
  }
}
