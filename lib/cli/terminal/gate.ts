// The one gate between this package and a terminal. `main` puts it before both streams, so a command cannot write past it: all
// text becomes printable, from every command and every source. Colours come after it, from `output.ts`, and are the only codes
// that pass.
import { printableLines } from '../../text/printable.js'
import type { Io, Output } from './io.js'

/** The stream behind each gate. */
const behind = new WeakMap<Output, Output>()

/** The same streams, each for output behind a gate. */
export function gatedIo(io: Io): Io {
  const { stdout, stderr, env, options, onInterrupt } = io
  return {
    // Asked for only by a command that reads it.
    get stdin() {
      return io.stdin
    },
    stdout: gate(stdout, printableText),
    stderr: gate(stderr, printableText),
    env,
    options,
    onInterrupt,
  }
}

/** For a line editor (Node's readline and REPL), which moves the cursor: its codes pass, and no others. */
export function editableStream(stream: Output): Output {
  return gate(ungated(stream), printableEditing)
}

/** Writes text that is already printable, with this package's colours in it. */
export function writePrintable(stream: Output, text: string): void {
  ungated(stream).write(text)
}

function ungated(stream: Output): Output {
  return behind.get(stream) ?? stream
}

/** Tabs separate columns in a pipe. */
function printableText(text: string): string {
  return text.split('\t').map(printableLines).join('\t')
}

/** Moving the cursor, erasing, colours, bracketed paste; a bell, backspace, carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const editing = /(\u001b\[\??[0-9;]{0,16}[A-DGHJKhlm]|[\u0007\b\t\r\n])/

function printableEditing(text: string): string {
  // Every second part is one that passes.
  return text
    .split(editing)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join('')
}

/** A proxy and not a stream of its own: readline asks a terminal for its size and listens for changes of it. */
function gate(stream: Output, clean: (text: string) => string): Output {
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) =>
    Reflect.apply(stream.write, stream, [clean(typeof chunk === 'string' ? chunk : textOf(chunk)), ...rest])
  const end = (...rest: readonly unknown[]) => {
    const [chunk, ...others] = rest
    const first = typeof chunk === 'string' || chunk instanceof Uint8Array ? clean(textOf(chunk)) : chunk
    return Reflect.apply(stream.end, stream, [first, ...others])
  }
  const gated = new Proxy(stream, {
    get: (target, key) => {
      if (key === 'write') return write
      if (key === 'end') return end
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  behind.set(gated, stream)
  return gated
}

function textOf(chunk: string | Uint8Array): string {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
}
