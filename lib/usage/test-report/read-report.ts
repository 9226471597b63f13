// Reads what tests write with FEATURE_TEST_REPORT: one line of JSON for each test (lib/testing/flag-report.ts).
import { ConfigurationError } from '../../errors.js'
import { isRecord } from '../../text/json.js'
import { printable } from '../../text/printable.js'

export type SeenState = 'on' | 'off'

/** A test, and what it read. */
export interface TestOfReport {
  readonly name: string
  /** Relative to the folder in which the tests ran; null where the runner did not tell it. */
  readonly file: string | null
  readonly read: ReadonlyMap<string, readonly SeenState[]>
  /** Flags with a stub that no check asked for. */
  readonly unread: readonly string[]
}

/** `name`: the file, for errors. Throws ConfigurationError for a line that no test has written. */
export function readTestReport(name: string, text: string): readonly TestOfReport[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const test = testIn(line)
    if (test !== null) return [test]
    const problem = `line ${index + 1} of ${printable(name)} is not of a report of tests`
    throw new ConfigurationError({
      problem,
      remedy: `delete the file, and run the tests again with FEATURE_TEST_REPORT=${printable(name)}`,
    })
  })
}

function testIn(line: string): TestOfReport | null {
  const data = parsed(line)
  if (!isRecord(data) || typeof data['test'] !== 'string' || !isRecord(data['read'])) return null
  const { file, unread } = data
  if ((file !== null && typeof file !== 'string') || !isTexts(unread)) return null
  const read = new Map<string, readonly SeenState[]>()
  for (const [flag, states] of Object.entries(data['read'])) {
    if (!isTexts(states) || !states.every(isState)) return null
    read.set(flag, states)
  }
  return { name: data['test'], file, read, unread }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Such as the last line of a process that was killed; the caller names the line.
    return null
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isState(text: string): text is SeenState {
  return text === 'on' || text === 'off'
}
