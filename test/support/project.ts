// A project in a temporary folder, with the definitions a test needs.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TestProject {
  readonly root: string
  define(
    name: string,
    fields?: { readonly type?: string; readonly defaultEnabled?: boolean; readonly ee?: boolean },
  ): Promise<string>
  close(): Promise<void>
}

/** Makes a folder with the named flags defined: `development`, off by default. */
export async function createProject(...names: readonly string[]): Promise<TestProject> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-project-'))
  const project: TestProject = {
    root,
    async define(name, { type = 'development', defaultEnabled = false, ee = false } = {}) {
      const path = join(root, ee ? 'ee' : '', 'config', 'feature_flags', type, `${name}.yml`)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(
        path,
        `---\nname: ${name}\ndescription: A flag of a test.\nmilestone: '1.0'\ngroup: group::test\ntype: ${type}\ndefault_enabled: ${defaultEnabled}\n`,
      )
      return path
    },
    close: () => rm(root, { recursive: true, force: true }),
  }
  for (const name of names) await project.define(name)
  return project
}
