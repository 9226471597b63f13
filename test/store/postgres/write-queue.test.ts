// The queue in which writes wait for each other.
import { describe, expect, it } from 'vitest'
import { InvalidOperation, StoreUnavailable } from '../../../lib/errors.js'
import { WriteQueue } from '../../../lib/store/postgres/write/write-queue.js'

const unavailable = new StoreUnavailable('store_unavailable', { problem: 'gone', remedy: 'wait' })

describe('the write queue', () => {
  it('runs one task after the other, in order', async () => {
    const queue = new WriteQueue()
    const done: string[] = []
    const task = (name: string) => async () => {
      done.push(`${name} begins`)
      await new Promise((next) => setImmediate(next))
      done.push(`${name} ends`)
      return name
    }
    expect(await Promise.all([queue.run(task('a')), queue.run(task('b'))])).toEqual(['a', 'b'])
    expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('fails all that wait when the store cannot be reached, but none that come later', async () => {
    const queue = new WriteQueue()
    let ran = 0
    const waiting = [
      queue.run(() => Promise.reject(unavailable)),
      queue.run(async () => ran++),
      queue.run(async () => ran++),
    ]
    for (const outcome of await Promise.allSettled(waiting)) expect(outcome).toMatchObject({ reason: unavailable })
    expect(ran).toBe(0)
    expect(await queue.run(async () => 'later')).toBe('later')
  })

  it('goes on after any other failure', async () => {
    const queue = new WriteQueue()
    const refused = queue.run(() =>
      Promise.reject(new InvalidOperation('opted_out', { problem: 'no', remedy: 'leave it' })),
    )
    const next = queue.run(async () => 'done')
    await expect(refused).rejects.toThrow('no')
    expect(await next).toBe('done')
  })
})
