// A project in a temporary folder, with the definitions or files that a test needs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface TestProject {
  readonly root: string
  define(
    name: string,
    fields?: {
      readonly type?: string
      readonly defaultEnabled?: boolean
      readonly ee?: boolean
      readonly actor?: string
    },
  ): Promise<string>
  close(): Promise<void>
}

/** Makes a folder with the named flags defined: `development`, off by default. */
export async function createProject(...names: readonly string[]): Promise<TestProject> {
  const root = makeFolder()
  const project: TestProject = {
    root,
    async define(name, { type = 'development', defaultEnabled = false, ee = false, actor = '' } = {}) {
      return writeIn(
        root,
        join(ee ? 'ee' : '', 'config', 'feature_flags', type, `${name}.yml`),
        `---\nname: ${name}\ndescription: A flag of a test.\nmilestone: '1.0'\ngroup: group::test\ntype: ${type}\ndefault_enabled: ${defaultEnabled}\n${actor && `actor: ${actor}\n`}`,
      )
    },
    close: () => rm(root, { recursive: true, force: true }),
  }
  for (const name of names) await project.define(name)
  return project
}

/** A folder with these files, for the caller to remove. */
export function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'sluice-project-'))
  for (const [path, content] of Object.entries(files)) writeIn(root, path, content)
  return root
}

/** The same, removed when the test ends. */
export function makeRoot(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = makeFolder(files)
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** Writes one file below a root, with the folders that it needs, and gives its path. */
export function writeIn(root: string, path: string, content: string | Uint8Array): string {
  const absolute = join(root, path)
  mkdirSync(dirname(absolute), { recursive: true })
  writeFileSync(absolute, content)
  return absolute
}
