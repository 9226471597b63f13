// Deadlines that a busy process does not miss unjustly.
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { fairDeadline } from '../../lib/time/deadlines.js'

const waitMs = 50

it('a fair deadline calls after its time in a process that listens', async () => {
  const begun = performance.now()
  await new Promise<void>((resolve) => {
    fairDeadline(waitMs, resolve)
    setTimeout(() => {}, 2 * waitMs) // A deadline by itself keeps no process.
  })
  expect(performance.now() - begun).toBeGreaterThan(waitMs - 5)
})

it('a fair deadline gives what has arrived meanwhile a chance in a process that did not come to listen', async () => {
  let called = false
  fairDeadline(waitMs, () => {
    called = true
  })
  const until = performance.now() + 3 * waitMs
  while (performance.now() < until); // Busy: nothing is read meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(called).toBe(false)
  await expect.poll(() => called).toBe(true)
})

it('a fair deadline does not call after it was cancelled', async () => {
  let called = false
  fairDeadline(waitMs / 5, () => {
    called = true
  }).cancel()
  await pause(waitMs)
  expect(called).toBe(false)
})
