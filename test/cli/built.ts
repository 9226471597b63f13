// The command as users have it: compiled, and started as a process of its own.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiled } from '../support/compiled.js'
import type { Ran } from './run.js'

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Built {
  /** The folder with bin/ and dist/. */
  readonly folder: string
  readonly command: string
  remove(): void
}

/** The compiled package in a temporary folder: the one beside the sources may be older than they are, or missing. */
export function build(): Built {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-built-'))
  const dist = compiled({
    config: 'tsconfig.build.json',
    sources: ['lib'],
    arguments: ['--sourceMap', 'false'],
    writes: 'cli/main.js',
  })
  cpSync(dist, join(folder, 'dist'), { recursive: true })
  rmSync(join(folder, 'dist', 'package.json'))
  cpSync(join(repository, 'bin'), join(folder, 'bin'), { recursive: true })
  cpSync(join(repository, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  return { folder, command: join(folder, 'bin', 'feature-flag'), remove }
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams
  /** Resolves when this text has been written to stdout or stderr. */
  shows(text: string): Promise<void>
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ran & { readonly signal: NodeJS.Signals | null }>
}

export interface StartOptions {
  readonly root: string
  readonly env?: NodeJS.ProcessEnv
}

/** Starts the command; nothing of this process's environment but what a process needs. */
export function start(built: Built, argv: readonly string[], { root, env = {} }: StartOptions): Started {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, [built.command, ...argv], {
    cwd: root,
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  const told = () => {
    for (const check of waiting) check()
  }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    told()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    told()
  })
  const ended = new Promise<Ran & { signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code: code ?? -1, signal, stdout, stderr }))
  })
  const shows = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!stdout.includes(text) && !stderr.includes(text)) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
      void ended.then(() => reject(new Error(`ended without showing "${text}": ${stdout}${stderr}`)))
    })
  return { child, shows, ended }
}

/** Runs the command to its end. */
export function runBuilt(built: Built, argv: readonly string[], options: StartOptions & { readonly input?: string }) {
  const started = start(built, argv, options)
  started.child.stdin.on('error', () => {}) // It may end before it has read everything.
  started.child.stdin.end(options.input ?? '')
  return started.ended
}
