// FEATURE_TEST_REPORT: which test read which flag in which state. Each test adds one line of JSON when it ends, with one write to the end of
// the file, so that the processes and threads of a run may share it. `usage --tests FILE` reads it.
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { FlagReads, ScopedTest } from '../feature/scope/scope.js'

/** A line of the report. */
export interface TestLine {
  readonly test: string
  readonly file: string | null
  /** Each flag that was asked for, with the answers that there were. */
  readonly read: Readonly<Record<string, readonly ('on' | 'off')[]>>
  /** Flags with a stub that no check asked for. */
  readonly unread: readonly string[]
}

/** What the test reads; null where no report is wanted. */
export function readsOf(test: ScopedTest): FlagReads | null {
  const path = process.env['FEATURE_TEST_REPORT']
  return path === undefined || path === '' ? null : new TestReads(path, test)
}

class TestReads implements FlagReads {
  readonly #path: string
  readonly #test: ScopedTest
  readonly #answers = new Map<string, Set<boolean>>()
  readonly #stubbed = new Set<string>()

  constructor(path: string, test: ScopedTest) {
    this.#path = path
    this.#test = test
  }

  read(flag: string, answer: boolean): void {
    const answers = this.#answers.get(flag) ?? new Set()
    this.#answers.set(flag, answers.add(answer))
  }

  stubbed(flag: string): void {
    this.#stubbed.add(flag)
  }

  /** Nothing is written of a test that has nothing to do with flags. */
  end(): void {
    const unread = [...this.#stubbed].filter((flag) => !this.#answers.has(flag)).sort()
    if (this.#answers.size === 0 && unread.length === 0) return
    const { name, file } = this.#test
    const line: TestLine = {
      test: name,
      file: file === null ? null : relative(process.cwd(), file).replaceAll('\\', '/'),
      read: Object.fromEntries([...this.#answers].sort(byName).map(([flag, answers]) => [flag, namesOf(answers)])),
      unread,
    }
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`)
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function namesOf(answers: ReadonlySet<boolean>): ('on' | 'off')[] {
  return [...(answers.has(true) ? (['on'] as const) : []), ...(answers.has(false) ? (['off'] as const) : [])]
}
