// What a change with `wait` says of the processes that did not confirm it in time.
import { expect, it } from 'vitest'
import type { Acknowledgements } from '../../../lib/cache/cache.js'
import { planEnable } from '../../../lib/feature/change/plan.js'
import { laggingWriter } from '../../support/lagging-writer.js'

/** The message of a change of which these processes say what they say. */
async function messageOf(answers: Acknowledgements): Promise<string> {
  const writer = laggingWriter(answers)
  const error: unknown = await writer
    .write(planEnable('a_flag', 'everybody'), { force: true, wait: true })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'processes_lag' })
  return error instanceof Error ? error.message : ''
}

const named = (count: number) => Array.from({ length: count }, (_, index) => `host:${index + 1}`)

it('ten processes that lag are all named', async () => {
  expect(await messageOf({ confirmed: 1, lagging: named(10) })).toBe(
    `the change is stored, and 1 process has it, but 10 processes did not confirm it in time: ${named(10).join(', ')}; look at those processes, which get it with the next poll`,
  )
})

it('of a thousand processes that lag ten are named, and the rest is counted', async () => {
  expect(await messageOf({ confirmed: 5, lagging: named(1_000) })).toBe(
    `the change is stored, and 5 processes have it, but 1000 processes did not confirm it in time: ${named(10).join(', ')} and 990 more; look at those processes, which get it with the next poll`,
  )
})

it('is told, and not thrown, where a change asks for it', async () => {
  const answers = { confirmed: 1, lagging: named(2) }
  const writer = laggingWriter(answers)
  const { changed, processes } = await writer.write(
    planEnable('a_flag', 'everybody'),
    { force: true },
    { asksProcesses: true },
  )
  expect([changed, processes]).toEqual([true, answers])
  const silent = laggingWriter(() => Promise.reject(new Error('no Redis')))
  const alone = await silent.write(planEnable('a_flag', 'everybody'), { force: true }, { asksProcesses: true })
  expect([alone.changed, alone.processes]).toEqual([true, null])
})
