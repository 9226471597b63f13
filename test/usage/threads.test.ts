// Threads that parse: they give what this process would give, and what a broken one leaves behind is parsed here.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { ParsedFiles, type SourceFile, type Threads } from '../../lib/usage/parse-files.js'
import { usageSettings } from '../../lib/usage/settings.js'
import { build } from '../cli/built.js'
import { makeRoot } from '../support/project.js'

const files = Array.from({ length: 90 }, (_, index): SourceFile => {
  const ask = `export const f${index} = (user) => Feature.enabled('flag_${index}', user)`
  if (index % 30 === 7) return [`src/${index}.vue`, `<script setup>import { Feature } from 'sluice'\n${ask}</script>`]
  return [`src/${index}.ts`, index % 30 === 3 ? `${ask} {` : `import { Feature } from 'sluice'\n${ask}`]
})

function parsed(threads: Threads): Promise<readonly string[]> {
  const parsing = new ParsedFiles(usageSettings({}), threads)
  for (const file of files) parsing.add(file, files.length)
  return parsing.finish()
}

const here = () => parsed({ most: 1 })
const entry = () => pathToFileURL(join(build().folder, 'dist/usage/source/worker.js'))

it('threads give the same facts, in the order of the files', async () => {
  const alone = await here()
  expect(new Set(alone).size).toBeGreaterThan(80)
  expect(await parsed({ most: 2, worthOne: 5, entry: entry() })).toEqual(alone)
})

it.each([
  ['cannot be started', 'throw new Error("no")'],
  ['ends without an answer', 'process.exit(0)'],
  [
    'fails at its first files',
    'import { parentPort } from "node:worker_threads"\nparentPort.on("message", () => { throw new Error("no") })',
  ],
])('the work of a thread that %s is done all the same', async (_what, code) => {
  const root = makeRoot({ 'worker.mjs': code })
  expect(await parsed({ most: 2, worthOne: 5, entry: pathToFileURL(join(root, 'worker.mjs')) })).toEqual(await here())
})

it('one thread of two that answers once, and then fails, changes nothing', async () => {
  const root = makeRoot({})
  writeFileSync(
    join(root, 'worker.mjs'),
    `import { parentPort, threadId } from 'node:worker_threads'
let left = threadId % 2
parentPort.on('message', () => { if (left-- <= 0) throw new Error('no') })
await import(${JSON.stringify(entry().href)})`,
  )
  expect(await parsed({ most: 2, worthOne: 5, entry: pathToFileURL(join(root, 'worker.mjs')) })).toEqual(await here())
})
