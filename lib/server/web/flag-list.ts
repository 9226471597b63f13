// The list of all flags as it leaves the server: bytes that are made once for all who get them.
//
// They are made at the first demand after anything in them may have changed: the snapshot, the faults of definitions, who changed what
// last, or the day (overdue). What is said of a flag that stays the same is kept. Nothing here holds the event loop up: rows are made in slices,
// and compression happens beside it.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { AgeRules } from '../../definition/age.js'
import type { Catalog } from '../../definition/catalog.js'
import type { Fault } from '../../definition/fault.js'
import type { Flag } from '../../replica/flag.js'
import type { FlagSnapshot } from '../../replica/flag-content.js'
import { timeSlices } from '../../time/time-slices.js'
import type { Encoding } from '../accepted-encoding.js'
import { columnTexts } from './flag-columns.js'
import { faultsByFlag, flagCells, type LastChange, listedFlags, type RowSources, shortened } from './flag-rows.js'
import { positionText } from './position-text.js'

const [zip, brotli] = [promisify(gzip), promisify(brotliCompress)]
/** 5,000 flags take 15 ms, and a tenth more than at the highest quality, which takes a second. */
const brotliQuality = 5
const dayMs = 86_400_000

export interface LastChanges {
  /** Another number after each change of what it says. */
  readonly version: number
  of(name: string): LastChange | null
}

export interface FlagListOptions {
  readonly snapshot: () => FlagSnapshot
  readonly catalog: () => Pick<Catalog, 'faults'>
  readonly rules: Omit<AgeRules, 'now'>
  readonly lastChanges: LastChanges
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The list at one moment. */
export interface ListAnswer {
  /** Covers all that is in the body but `at`: the same on two servers that show the same. */
  readonly etag: string
  readonly body: Buffer
  /** The compressed body; made at the first call. */
  compressed(encoding: Encoding): Promise<Buffer>
}

/** Everything on which the bytes depend. Each part is compared as it is: another object may mean another content. */
interface Basis {
  readonly snapshot: FlagSnapshot
  readonly faults: readonly Fault[]
  readonly changes: number
  readonly day: number
}

interface KeptRow {
  readonly flag: Flag | null
  readonly fault: Fault | null
  readonly changed: LastChange | null
  readonly day: number
  readonly cells: readonly unknown[]
}

interface Building {
  readonly basis: Basis
  readonly answer: Promise<ListAnswer>
}

export class FlagList {
  readonly #options: FlagListOptions
  #made: { readonly basis: Basis; readonly answer: ListAnswer } | null = null
  #building: Building | null = null
  #next: Promise<ListAnswer> | null = null
  #rows = new Map<string, KeptRow>()

  constructor(options: FlagListOptions) {
    this.#options = options
  }

  /** The list as it is now, or as it was at some moment after this call. */
  answer(): Promise<ListAnswer> {
    const basis = this.#basis()
    if (this.#made !== null && isSame(this.#made.basis, basis)) return Promise.resolve(this.#made.answer)
    if (this.#building === null) return this.#start(basis)
    if (isSame(this.#building.basis, basis)) return this.#building.answer
    // One at a time: where changes come faster than lists are made, all who wait share the next one.
    this.#next ??= this.#building.answer.then(
      () => this.#startNext(),
      () => this.#startNext(),
    )
    return this.#next
  }

  /** The rows of some flags of a snapshot, as texts of JSON by name; null: the flag is neither defined nor stored any more. */
  rowsOf(names: Iterable<string>, snapshot: FlagSnapshot): Map<string, string | null> {
    const { faults, day } = this.#basis()
    const byFlag = faultsByFlag({ faults })
    const sources = this.#sources(byFlag)
    const rows = new Map<string, string | null>()
    for (const name of names) {
      const flag = snapshot.entries.get(name) ?? null
      const isListed = flag !== null || byFlag.get(name)?.severity === 'error'
      const cells = isListed ? this.#cells(name, flag, day, sources, this.#rows) : null
      rows.set(name, cells === null ? null : JSON.stringify(shortened(cells)))
    }
    return rows
  }

  #startNext(): Promise<ListAnswer> {
    this.#next = null
    return this.#start(this.#basis())
  }

  async #start(basis: Basis): Promise<ListAnswer> {
    const building = { basis, answer: this.#build(basis) }
    this.#building = building
    try {
      const answer = await building.answer
      this.#made = { basis, answer }
      return answer
    } finally {
      if (this.#building === building) this.#building = null
    }
  }

  #basis(): Basis {
    const { snapshot, catalog, lastChanges, now } = this.#options
    return {
      snapshot: snapshot(),
      faults: catalog().faults,
      changes: lastChanges.version,
      day: Math.floor(now() / dayMs),
    }
  }

  async #build(basis: Basis): Promise<ListAnswer> {
    const yieldIfDue = timeSlices()
    const rows = new Map<string, KeptRow>()
    const all: (readonly unknown[])[] = []
    const faults = faultsByFlag(basis)
    const sources = this.#sources(faults)
    for (const [name, flag] of listedFlags(basis.snapshot, faults)) {
      all.push(this.#cells(name, flag, basis.day, sources, rows))
      await yieldIfDue()
    }
    this.#rows = rows
    const position = positionText(basis.snapshot.position)
    const content = await columnTexts(all, yieldIfDue)
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16)
    const at = new Date(this.#options.now()).toISOString()
    const body = Buffer.from(`{"position":${JSON.stringify(position)},"at":"${at}",${content}}`)
    return new MadeList(`"${position ?? 'none'}-${digest}"`, body)
  }

  #sources(faults: ReadonlyMap<string, Fault>): RowSources {
    const { rules, lastChanges, now } = this.#options
    return {
      rules: { ...rules, now: new Date(now()) },
      faultOf: (name) => faults.get(name) ?? null,
      lastChangeOf: (name) => lastChanges.of(name),
    }
  }

  #cells(
    name: string,
    flag: Flag | null,
    day: number,
    sources: RowSources,
    rows: Map<string, KeptRow>,
  ): readonly unknown[] {
    const kept = this.#rows.get(name)
    const [fault, changed] = [sources.faultOf(name), sources.lastChangeOf(name)]
    const isKept = kept?.flag === flag && kept.fault === fault && kept.changed === changed && kept.day === day
    const row = isKept ? kept : { flag, fault, changed, day, cells: flagCells(name, flag, sources) }
    rows.set(name, row)
    return row.cells
  }
}

class MadeList implements ListAnswer {
  readonly etag: string
  readonly body: Buffer
  readonly #compressed = new Map<Encoding, Promise<Buffer>>()

  constructor(etag: string, body: Buffer) {
    this.etag = etag
    this.body = body
  }

  compressed(encoding: Encoding): Promise<Buffer> {
    const known = this.#compressed.get(encoding)
    if (known !== undefined) return known
    const made = encoding === 'gzip' ? zip(this.body) : brotli(this.body, { params: brotliParams(this.body.length) })
    this.#compressed.set(encoding, made)
    return made
  }
}

function brotliParams(length: number) {
  return {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
    [constants.BROTLI_PARAM_SIZE_HINT]: length,
  }
}

function isSame(a: Basis, b: Basis): boolean {
  return a.snapshot === b.snapshot && a.faults === b.faults && a.changes === b.changes && a.day === b.day
}
