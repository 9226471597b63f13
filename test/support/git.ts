// A git repository for a test, with an identity of its own and nothing of this machine's configuration.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Text of a file by its path; null deletes it. */
export type Files = Readonly<Record<string, string | null>>

const env = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  // Otherwise each commit starts two more programs that look whether there is something to clean up.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'maintenance.auto',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
}

/** Runs git in a folder; gives what it wrote. Throws where it fails. */
export function gitIn(folder: string, ...args: readonly string[]): string {
  const ran = spawnSync('git', args, { cwd: folder, env, encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`)
  return ran.stdout.trim()
}

export function writeFiles(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) rmSync(join(root, path))
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
  }
}

/** Writes the files, and commits everything that differs; gives the commit. */
export function commitFiles(root: string, files: Files): string {
  writeFiles(root, files)
  gitIn(root, 'add', '--all')
  gitIn(root, 'commit', '--quiet', '--allow-empty', '--message', 'Change')
  return gitIn(root, 'rev-parse', 'HEAD')
}

/** Makes the folder a repository whose branch is `main`, with these files as its first commit. */
export function initRepository(root: string, files: Files): string {
  gitIn(root, 'init', '--quiet', '--initial-branch', 'main')
  return commitFiles(root, files)
}
