// What happens in a bundle in which a package of CommonJS cannot be loaded. test/packaging/rows/bundlers.ts makes such bundles.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defaultLogger } from '../../lib/log.js'

const refusal = new Error('Dynamic require of "events" is not supported')

afterEach(() => {
  vi.doUnmock('pino')
  vi.restoreAllMocks()
})

describe('a bundle', () => {
  it('writes its log without pino, from the level on, and says why', async () => {
    vi.doMock('pino', () => {
      throw refusal
    })
    const lines: unknown[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
      lines.push(JSON.parse(String(line)))
      return true
    })
    const logger = defaultLogger('info')
    logger.debug({}, 'too low')
    logger.info({ key: 'dark_mode' }, 'first')
    logger.error({}, 'second')
    await vi.waitUntil(() => lines.length === 3)
    expect(lines).toMatchObject([
      { level: 40, name: 'sluice', error: expect.any(String), msg: expect.stringContaining('pino cannot be loaded') },
      { level: 30, key: 'dark_mode', msg: 'first' },
      { level: 50, msg: 'second' },
    ])
  })
})
