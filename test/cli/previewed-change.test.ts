// A change is made for the revisions that a person saw, and shown anew where another writer was quicker.
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { previewedChange } from '../../lib/cli/previewed-change.js'
import type { Cli } from '../../lib/cli/terminal/io.js'
import { resolveConfig } from '../../lib/config/config.js'
import { InvalidOperation } from '../../lib/errors.js'
import type { Expected } from '../../lib/feature/change/change-writer.js'
import { createInstance } from '../../lib/instance/create.js'
import { silentLogger } from '../../lib/log.js'
import { revisionText } from '../../lib/state/revision.js'
import { createProject } from '../support/project.js'

/** Refuses the change so many times, as if another writer had been quicker. */
async function changed(refusals: number, isExpected = false) {
  const project = await createProject('a_flag')
  const options = {
    root: project.root,
    env: 'test',
    databaseUrl: 'memory',
    diskFile: false,
    logger: silentLogger,
  } as const
  const instance = createInstance(options, { author: 'test', source: 'code', watch: false })
  await instance.feature.start()
  const stderr = new PassThrough({ encoding: 'utf8' })
  let shown = ''
  stderr.on('data', (text: string) => {
    shown += text
  })
  const io = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    env: {},
    options: {},
    onInterrupt: () => () => {},
  }
  const cli: Cli = { io, root: () => project.root, fail: () => {} }
  const asked: string[] = []
  const expected = (expect: Expected) => [...expect.values()].map(revisionText).join()
  try {
    const made = await previewedChange(cli, {
      ...{ config: resolveConfig(options), yes: true, question: 'Set it', what: 'the flag "a_flag"', isExpected },
      preview: async () => [await instance.preview('a_flag', [{ op: 'percentage_of_actors', value: 50 }])],
      apply: async (expect) => {
        asked.push(expected(expect))
        if (asked.length > refusals) return asked.length
        await instance.feature.enable('a_flag', { flipperId: `User:${asked.length}` })
        throw new InvalidOperation('flag_changed', { problem: 'another writer was quicker', remedy: 'look at it' })
      },
    })
    return { made, asked, shown, error: null }
  } catch (error) {
    return { made: null, asked, shown, error }
  } finally {
    await instance.feature.stop()
    await project.close()
  }
}

it('is shown and made again for the revision that the flag has by then', async () => {
  const { made, asked, shown } = await changed(2)
  expect(made).toBe(3)
  expect(new Set(asked).size).toBe(3)
  expect(shown.match(/Not made: another writer was quicker/g)).toHaveLength(2)
  expect(shown).toContain('on for 2 actors and 50 % of actors')
})

it('is given up after five, and at once where the caller named a revision', async () => {
  const often = await changed(9)
  expect([often.asked.length, often.error]).toEqual([5, expect.objectContaining({ code: 'store_conflict' })])
  const named = await changed(9, true)
  expect([named.asked.length, named.error]).toEqual([1, expect.objectContaining({ code: 'flag_changed' })])
})
