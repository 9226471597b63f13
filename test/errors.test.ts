import { readFileSync } from 'node:fs'
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
  [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (.+?) \| (.+) \|$/gm)].map(([, code, status, meaning, remedy]) => [
    code,
    { status, meaning, remedy },
  ]),
)
const codes = Object.keys(errorTable) as ErrorCode[]

describe('the page of errors', () => {
  it.each(codes)('has %s with its status, its meaning and what to do', (code) => {
    const row = rows.get(code)
    expect(row).toMatchObject({ status: String(errorTable[code].status), meaning: errorTable[code].meaning })
    expect(row?.remedy?.length).toBeGreaterThan(10)
  })

  it('has no code that does not exist', () => {
    expect([...rows.keys()].filter((code) => !codes.includes(code as ErrorCode))).toEqual([])
  })
})

describe('a FeatureError', () => {
  it('carries its code, its status, its cause and its class', () => {
    const cause = new Error('cause')
    const error = new StoreUnavailable('store_unavailable', 'down', { cause })
    expect(error).toBeInstanceOf(FeatureError)
    expect(error).toMatchObject({ name: 'StoreUnavailable', code: 'store_unavailable', status: 503, cause })
    expect(new InvalidOperation('opted_out', 'no').status).toBe(400)
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
