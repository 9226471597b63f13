// What is compared: the commit at which the change began, and the files as they are now, in the folder of the project. The change began
// where its branch left the other one; what happened there since is no part of it.
import { ConfigurationError, type ErrorParts } from '../errors.js'
import { quoted } from '../text/printable.js'
import { shellWord } from '../text/shell-word.js'
import { git, gitOutput, zeroTerminated } from './git.js'

export interface Comparison {
  /** The folder of the project; paths are relative to it. It may be a folder of a larger repository. */
  readonly root: string
  /** The base as it was named. */
  readonly base: string
  /** The commit at which the change began, in full. */
  readonly commit: string
  /** Every file that is not as it was at that commit, sorted: changed, new or deleted, also before `git add`. */
  readonly paths: readonly string[]
}

export type Opened =
  | { readonly ok: true; readonly comparison: Comparison }
  /** There is no such commit; the caller says it in the words of its option. */
  | { readonly ok: false; readonly fault: ErrorParts }

/** Throws ConfigurationError where there is no repository, no commit, or too little of the history. */
export function openComparison(root: string, base: string): Opened {
  refuseWithoutCommit(root)
  const shallow = gitOutput(root, ['rev-parse', '--is-shallow-repository']).toString('utf8').trim() === 'true'
  if (commitOf(root, base) === null) return { ok: false, fault: noSuchCommit(root, base, shallow) }
  const found = git(root, ['merge-base', 'HEAD', base])
  if (!found.ok) throw noCommonCommit(root, base, shallow)
  const commit = found.stdout.toString('utf8').trim()
  return { ok: true, comparison: { root, base, commit, paths: changedPaths(root, commit) } }
}

function refuseWithoutCommit(root: string): void {
  const inside = git(root, ['rev-parse', '--is-inside-work-tree'])
  if (!inside.ok || inside.stdout.toString('utf8').trim() !== 'true') {
    // That there is none is said already; another reason may be that the folder belongs to another user.
    const reason = inside.reason === '' || inside.reason.startsWith('not a git') ? '' : ` (${inside.reason})`
    throw new ConfigurationError({
      problem: `${quoted(root)} is in no working copy of a git repository${reason}`,
      remedy: 'run it in a clone, or name one with --root: a review compares with a commit',
    })
  }
  if (commitOf(root, 'HEAD') !== null) return
  throw new ConfigurationError({
    problem: `the repository of ${quoted(root)} has no commits, so there is nothing to compare with`,
    remedy: 'make the first commit; until then validate checks the definitions',
  })
}

/** The commit of a name; null if there is none. What begins with a dash would be an option of git. */
function commitOf(root: string, name: string): string | null {
  if (name === '' || name.startsWith('-') || name.includes('\0')) return null
  const { ok, stdout } = git(root, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
  return ok ? stdout.toString('utf8').trim() : null
}

function noSuchCommit(root: string, base: string, shallow: boolean): ErrorParts {
  const problem = `there is no commit ${quoted(base)} in this clone${shallow ? ', which is shallow' : ''}`
  const { remote, branch } = onRemote(root, base)
  if (branch === null) {
    // `HEAD~3` may be there once the clone is whole.
    const fetch = shallow ? `run "git fetch --unshallow ${shellWord(remote)}", or ` : ''
    return { problem, remedy: `${fetch}name a branch, a tag or a commit, such as origin/main` }
  }
  const here = `${remote}/${branch}`
  if (!shallow && here !== base && commitOf(root, here) !== null) return { problem, remedy: `did you mean ${here}?` }
  const what = isHash(branch) ? branch : `+refs/heads/${branch}:refs/remotes/${here}`
  const depth = shallow ? ['--unshallow'] : []
  const again = isHash(branch) || here === base ? '' : `, then review against ${here}`
  return { problem, remedy: `run "${['git', 'fetch', ...depth, remote, what].map(shellWord).join(' ')}"${again}` }
}

function noCommonCommit(root: string, base: string, shallow: boolean): ConfigurationError {
  const problem = `HEAD and ${quoted(base)} share no commit${shallow ? ' in this clone, which is shallow' : ''}`
  const fetch = `git fetch --unshallow ${shellWord(onRemote(root, base).remote)}`
  const remedy = shallow ? `run "${fetch}"` : 'name the branch from which this one was made'
  return new ConfigurationError({ problem, remedy })
}

/** Where a fetch would find it: `origin/main` is `main` there. Null for what is no plain name of a branch, and no commit's hash. */
function onRemote(root: string, base: string): { readonly remote: string; readonly branch: string | null } {
  const remotes = gitOutput(root, ['remote']).toString('utf8').split('\n').filter(Boolean)
  const named = remotes.find((remote) => base.startsWith(`${remote}/`))
  const remote = named ?? (remotes.includes('origin') ? 'origin' : remotes[0])
  if (remote === undefined) return { remote: 'origin', branch: null }
  const branch = named === undefined ? base : base.slice(named.length + 1)
  const plain = isHash(branch) || (!branch.startsWith('-') && git(root, ['check-ref-format', '--branch', branch]).ok)
  return { remote, branch: plain && !/^0+$/.test(branch) ? branch : null }
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text)
}

function changedPaths(root: string, commit: string): readonly string[] {
  const tracked = gitOutput(root, ['diff', ...plainDiff, '--name-only', '-z', commit])
  const untracked = gitOutput(root, ['ls-files', '--others', '--exclude-standard', '-z'])
  return [...new Set([...zeroTerminated(tracked), ...zeroTerminated(untracked)])].sort()
}

/** A difference as git computes it, without what a person configured; paths relative to the folder, renamed files as two. */
export const plainDiff: readonly string[] = [
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-renames',
  '--ignore-submodules',
  '--relative',
]
