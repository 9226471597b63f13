// The process of one-process.ts. Arguments: the file of the program, and the command as it is called.
import { PassThrough, Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'

const [, , program = '', command = ''] = process.argv
const { main } = await import(pathToFileURL(program).href)
process.argv[1] = command

function collect() {
  const stream = new PassThrough({ encoding: 'utf8' })
  let text = ''
  stream.on('data', (chunk) => {
    text += chunk
  })
  return { stream, text: () => text }
}

const own = process.env
const write = process.stderr.write

process.on('message', async ({ argv, root, env, input }) => {
  const [stdout, stderr] = [collect(), collect()]
  process.chdir(root)
  process.env = { ...own, ...env }
  // The logger writes to the process, and not to the streams of the command.
  process.stderr.write = (chunk) => stderr.stream.write(chunk)
  const code = await main(argv, {
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: process.env,
    options: {},
    onInterrupt: () => () => {},
  })
  await new Promise((done) => setImmediate(done))
  process.stderr.write = write
  process.send?.({ code, stdout: stdout.text(), stderr: stderr.text() })
})
process.send?.('ready')
