import { expect, it } from 'vitest'
import { processIo } from '../../../lib/cli/terminal/io.js'

it('the streams of the process get one listener, however often they are asked for', () => {
  processIo()
  const before = [process.stdout, process.stderr].map((stream) => stream.listenerCount('error'))
  processIo()
  expect([process.stdout, process.stderr].map((stream) => stream.listenerCount('error'))).toEqual(before)
})
