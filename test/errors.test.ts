// The table of errors against what the program does with it and what its page says.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type ErrorCode,
  errorTable,
  errorText,
  FeatureError,
  InvalidOperation,
  StoreUnavailable,
} from '../lib/errors.js'

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| (\d{3}) \| (.+?) \| (.+) \|$/gm)].map(
    ([, code, className, status, meaning, remedy]) => [code, { className, status, meaning, remedy }],
  ),
)
const codes = Object.keys(errorTable) as ErrorCode[]

/** The source of lib/ by file, without the table itself. */
const lib = join(import.meta.dirname, '../lib')
const sources = new Map(
  readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'errors.ts')
    .map((file) => [file, readFileSync(join(lib, file), 'utf8')]),
)

/** What is thrown as another class than the table's, each in one place. */
const exceptions: ReadonlySet<string> = new Set([
  'new InvalidFeatureFlagError(invalid_arguments)',
  'new InvalidOperation(invalid_arguments)',
  'new InvalidFeatureFlagError(invalid_name)',
  'new StoreUnavailable(not_started)',
])

/** Every place that makes an error with a code in the text. */
/** The class that the class around this place extends. */
function baseBefore(source: string, index: number): string {
  return [...source.slice(0, index).matchAll(/ extends (\w+) \{/g)].at(-1)?.[1] ?? ''
}

function constructions(): { file: string; className: string; code: string }[] {
  return [...sources].flatMap(([file, source]) => [
    ...[...source.matchAll(/new (\w+)\(\s*'(\w+)'/g)]
      .map(([, className = '', code = '']) => ({ file, className, code }))
      .filter(({ code }) => Object.hasOwn(errorTable, code)),
    // A class of the table's with parts of its own.
    ...[...source.matchAll(/super\('(\w+)'/g)]
      .map(({ 1: code = '', index }) => ({ file, className: baseBefore(source, index), code }))
      .filter(({ code }) => Object.hasOwn(errorTable, code)),
    ...[...source.matchAll(/new ConfigurationError\(/g)].map(() => ({
      file,
      className: 'ConfigurationError',
      code: 'invalid_configuration',
    })),
    ...[...source.matchAll(/new OutcomeUnknown\(/g)].map(() => ({
      file,
      className: 'OutcomeUnknown',
      code: 'outcome_unknown',
    })),
  ])
}

/** Whether an error of this code is made, or a report with it, or an answer of the HTTP API. */
function isUsed(code: string, made: ReadonlySet<string>): boolean {
  if (made.has(code)) return true
  const used = new RegExp(`(?:once|refuse)\\(\\s*'${code}'|code: '${code}'|[?:] '${code}'`)
  return [...sources.values()].some((source) => used.test(source))
}

describe('the table of errors', () => {
  it('has no code that is neither thrown nor reported', () => {
    const made = new Set(constructions().map(({ code }) => code))
    expect(codes.filter((code) => !isUsed(code, made))).toEqual([])
  })

  it('has the class that each code is thrown as, but for the places that docs/errors.md names', () => {
    const others = constructions().filter(({ className, code }) => className !== errorTable[code as ErrorCode].class)
    expect(others.map(({ className, code }) => `new ${className}(${code})`).sort()).toEqual([...exceptions].sort())
  })
})

describe('the page of errors', () => {
  it.each(codes)('has %s with its class, its status, its meaning and what to do', (code) => {
    const row = rows.get(code)
    const { class: className, status, meaning } = errorTable[code]
    expect(row).toMatchObject({ className, status: String(status), meaning })
    expect(row?.remedy?.length).toBeGreaterThan(10)
  })

  it('has no code that does not exist', () => {
    expect([...rows.keys()].filter((code) => !codes.includes(code as ErrorCode))).toEqual([])
  })
})

describe('the messages of errors', () => {
  const record = readFileSync(new URL('./recorded/errors.txt', import.meta.url), 'utf8')
  // A name, then the class, the code and the status, then the message; what is met without being thrown has no code.
  const messages = [...record.matchAll(/^ {4}\w+ (\w+) \d{3}\n {4}(.+)$/gm)].map(([, code, message = '']) => [
    code,
    message,
  ])

  it.each(messages)('say what is wrong and what to do: %s, %s', (_, message) => {
    expect(message).toMatch(/^\S.*\S; \S.*\S$/)
  })

  it('are met in the record', () => {
    expect(messages.length).toBeGreaterThan(90)
  })

  it('have no part that is left empty in the source', () => {
    const empty = [...sources].filter(([, source]) => /\b(?:problem|remedy): (?:''|``)/.test(source))
    expect(empty.map(([file]) => file)).toEqual([])
  })
})

describe('a FeatureError', () => {
  it('carries its code, its status, its cause and its class', () => {
    const cause = new Error('cause')
    const error = new StoreUnavailable('store_unavailable', { problem: 'it is down', remedy: 'start it', cause })
    expect(error).toBeInstanceOf(FeatureError)
    expect(error).toMatchObject({ name: 'StoreUnavailable', code: 'store_unavailable', status: 503, cause })
    expect(new InvalidOperation('opted_out', { problem: 'no', remedy: 'ask' }).status).toBe(400)
  })

  it('has a message of problem and remedy, all three printable', () => {
    const error = new FeatureError('invalid_value', { problem: 'got "\u{1b}[2J"', remedy: 'give\u{202e} text' })
    const [problem, remedy] = ['got "\\u{1b}[2J"', 'give\\u{202e} text']
    expect({ problem: error.problem, remedy: error.remedy }).toEqual({ problem, remedy })
    expect(Object.keys(error)).not.toContain('problem')
    expect(error.message).toBe(`${problem}; ${remedy}`)
  })

  it('has no cause where none is given', () => {
    expect('cause' in new FeatureError('invalid_value', { problem: 'no', remedy: 'yes' })).toBe(false)
  })
})

describe('errorText', () => {
  it.each(['connect to postgres://me:hunter2@db:5432/flags failed', 'REDIS rediss://:hunter2@cache failed'])(
    'cuts the password out of %s',
    (message) => {
      expect(errorText(new Error(message))).not.toContain('hunter2')
      expect(errorText(new Error(message))).toContain('failed')
    },
  )

  it('reads whatever was thrown', () => {
    expect(errorText('text')).toBe('text')
    expect(errorText(undefined)).toBe('undefined')
    expect(errorText(new TypeError())).toBe('TypeError')
  })
})
