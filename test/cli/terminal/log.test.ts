// A log line as the terminal shows it.
import { expect, it } from 'vitest'
import { PassThrough, Readable } from 'node:stream'
import { terminalLogger } from '../../../lib/cli/terminal/log.js'

it('a line on the terminal does not repeat the fields that its message names', () => {
  const stderr = new PassThrough({ encoding: 'utf8' })
  const io = { stdin: Readable.from([]), stdout: stderr, stderr, env: {}, options: {}, onInterrupt: () => () => {} }
  const logger = terminalLogger(io)
  logger.error({ file: 'config/c_flag.yml', field: 'type' }, 'config/c_flag.yml: type: must be known')
  logger.warn({ flag: 'c_flag', count: 2 }, 'a flag has 2000 actors')
  expect(stderr.read()).toBe(
    'error: config/c_flag.yml: type: must be known\nwarning: a flag has 2000 actors (flag: c_flag, count: 2)\n',
  )
})
