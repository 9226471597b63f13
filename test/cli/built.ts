// The command as users have it: compiled, and started as a process of its own.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { madeOnce, repository } from '../support/made-once.js'
import type { Ran } from './run.js'

export interface Built {
  /** The folder with bin/, lib/, dist/ and package.json, for reading only. */
  readonly folder: string
  readonly command: string
}

const parts = ['bin', 'lib', 'package.json', 'tsconfig.json', 'tsconfig.build.json']

/**
 * The compiled package, with declarations and source maps, made once for all test files: the one beside the sources may be older than
 * they are, or missing. Throws where the compiler does not write it.
 */
export function build(): Built {
  const folder = madeOnce({ of: 'the package', sources: [...parts, 'package-lock.json'] }, compile)
  return { folder, command: join(folder, 'bin', 'feature-flag') }
}

/** Beside a copy of the sources, so that the source maps name them as those of the published package do. */
function compile(folder: string): void {
  execFileSync('cp', ['-R', ...parts, folder], { cwd: repository })
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'))
  const compiler = join(repository, 'node_modules', 'typescript', 'bin', 'tsc')
  // `npm run types` checks the same sources; to check them here, too, takes three times as long as to write them.
  const command = [compiler, '-p', 'tsconfig.build.json', '--noCheck']
  const ran = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' })
  if (!existsSync(join(folder, 'dist/cli/main.js'))) throw new Error(`not compiled: ${ran.stdout}${ran.stderr}`)
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
