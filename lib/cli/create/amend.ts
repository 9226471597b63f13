// `--amend`: the new file becomes part of the last commit (GitLab: `git add`, then `git commit --amend`).
import { spawnSync } from 'node:child_process'
import { ConfigurationError } from '../../errors.js'

/** Throws ConfigurationError if there is no commit to amend; called before any file is written. */
export function refuseWithoutCommit(root: string): void {
  const asked = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD'], { cwd: root })
  if (asked.status === 0) return
  throw new ConfigurationError({
    problem: `--amend: there is no git commit to amend in "${root}"`,
    remedy: 'make a commit first, or leave --amend out',
  })
}

/** Adds the files to the last commit; on a terminal git opens the editor for the message. Throws ConfigurationError. */
export function amendCommit(root: string, paths: readonly string[], interactive: boolean): void {
  git(root, ['add', '--', ...paths])
  git(root, ['commit', '--amend', ...(interactive ? [] : ['--no-edit'])])
}

function git(root: string, args: readonly string[]): void {
  // Git's output is not a result of this command: it goes to stderr.
  const ran = spawnSync('git', args, { cwd: root, stdio: ['inherit', 2, 2] })
  if (ran.status !== 0) {
    throw new ConfigurationError({
      problem: `git ${args[0]} failed: the definition is written, but it is not part of the last commit`,
      remedy: 'see what git says above, then add the file yourself',
    })
  }
}
