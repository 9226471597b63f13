// The gate that all output of the command line passes.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { editableStream, gatedIo } from '../../../lib/cli/terminal/gate.js'
import type { Io } from '../../../lib/cli/terminal/io.js'
import { note, print, printJson, printLines, printTable } from '../../../lib/cli/terminal/output.js'
import { expectClean, expectHarmless, hostile } from '../hostile.js'

function terminal() {
  const stdout = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 77 })
  const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true })
  const io: Io = { stdin: Readable.from([]), stdout, stderr, env: {}, options: {}, onInterrupt: () => () => {} }
  return { io: gatedIo(io), shown: () => `${stdout.read() ?? ''}${stderr.read() ?? ''}` }
}

it('what a command writes past the functions for it is made printable all the same', () => {
  const { io, shown } = terminal()
  io.stdout.write(`${hostile}\n`)
  io.stdout.write(Buffer.from(`${hostile}\n`))
  io.stderr.write(hostile)
  expectHarmless(shown(), false)
  io.stdout.end(hostile)
  expectHarmless(shown(), false)
})

it('every function that writes makes its text printable, and keeps it on its line', async () => {
  const { io, shown } = terminal()
  print(io, hostile)
  print(io, [{ style: 'bold', text: hostile }, hostile])
  note(io, hostile)
  note(io, [{ style: 'red', text: 'error' }, hostile])
  printJson(io, { [hostile]: hostile })
  await printTable(io, [hostile], [[hostile, hostile]])
  expectClean(shown(), true)
  printLines(io, hostile)
  expectHarmless(shown(), true)
})

it('colours come after the gate, only on a terminal', () => {
  const { io, shown } = terminal()
  print(io, [{ style: 'green', text: 'create' }, ' a\u001b[31mb'])
  expect(shown()).toBe('\u001b[32mcreate\u001b[39m a\\u{1b}[31mb\n')
  print({ ...io, env: { NO_COLOR: '1' } }, [{ style: 'green', text: 'create' }])
  expect(shown()).toBe('create\n')
})

it('a line editor may move the cursor and erase, and nothing else', () => {
  const { io, shown } = terminal()
  const stream = editableStream(io.stdout)
  stream.write('\u001b[1G\u001b[0J\u001b[3A\u001b[?2004h> \r\n\u0007')
  expect(shown()).toBe('\u001b[1G\u001b[0J\u001b[3A\u001b[?2004h> \r\n\u0007')
  stream.write('\u001b]52;c;AA\u0007\u001bc\u001b[5n\u009b2J\u202e\u001bP')
  expect(shown()).toBe('\\u{1b}]52;c;AA\u0007\\u{1b}c\\u{1b}[5n\\u{9b}2J\\u{202e}\\u{1b}P')
})

it('a stream behind the gate is otherwise what it was', () => {
  const { io } = terminal()
  expect([io.stdout.isTTY, io.stdout.columns, io.stdout.writable]).toEqual([true, 77, true])
  let resized = 0
  io.stdout.on('resize', () => {
    resized += 1
  })
  io.stdout.emit('resize')
  expect(resized).toBe(1)
})

it('nothing in the command line writes to a stream of the process', () => {
  const cli = join(import.meta.dirname, '../../../lib/cli')
  const writers = readdirSync(cli, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      path.endsWith('.ts') &&
      // Programs for people to copy, as text.
      path !== join('views', 'sdk-snippets.ts') &&
      /process\.(stdout|stderr)\.|console\.(log|error|warn|info)\(|writeSync\(/.test(
        readFileSync(join(cli, path), 'utf8'),
      ),
  )
  expect(writers).toEqual([])
})
