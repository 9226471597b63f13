// Runs git as a process of its own: arguments are a list and pass through no shell, so that a name of a branch or of a file is never read
// as anything other than a name.
import { spawnSync } from 'node:child_process'
import { ConfigurationError } from '../errors.js'
import { oneLine } from '../text/printable.js'

export interface GitAnswer {
  readonly ok: boolean
  readonly stdout: Buffer
  /** The first line of what git says of a failure; empty if it says nothing. */
  readonly reason: string
}

/**
 * Paths are names and no patterns; a review changes nothing, not even the index; and what a person configured for their eyes (colours, a
 * pager, another program for differences) plays no part.
 */
const common = ['--no-optional-locks', '--literal-pathspecs', '-c', 'core.quotePath=false', '-c', 'core.pager=cat']

/** Runs git in a folder and waits for its end. Throws ConfigurationError if git is not installed. */
export function git(folder: string, args: readonly string[], input?: string): GitAnswer {
  const ran = spawnSync('git', [...common, ...args], {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' },
    ...(input === undefined ? {} : { input }),
    maxBuffer: Number.POSITIVE_INFINITY,
  })
  if (ran.error !== undefined) {
    throw new ConfigurationError({
      problem: `git could not be started: ${ran.error.message}`,
      remedy: 'install git, and see that it is on the PATH',
      cause: ran.error,
    })
  }
  const [first = ''] = ran.stderr.toString('utf8').trim().split('\n')
  return { ok: ran.status === 0, stdout: ran.stdout, reason: oneLine(first).replace(/^fatal: /, '') }
}

/** The output of git. Throws ConfigurationError where it fails. */
export function gitOutput(folder: string, args: readonly string[], input?: string): Buffer {
  const { ok, stdout, reason } = git(folder, args, input)
  if (ok) return stdout
  throw new ConfigurationError({
    problem: `git ${args[0]} failed: ${reason || 'it gives no reason'}`,
    remedy: 'run it by hand in this folder, and mend what it says',
  })
}

/** The texts of a list in which each ends with NUL, as git writes paths with `-z`. */
export function zeroTerminated(output: Buffer): readonly string[] {
  return output.toString('utf8').split('\0').slice(0, -1)
}
