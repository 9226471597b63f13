// The examples in the doc comments of the public surface, and what the compiler says of them in a project that has the built package
// installed.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const modules = join(import.meta.dirname, '..', '..', 'node_modules')

/** A project with the package of that folder, for the caller to remove. */
export function makeExamplesProject(packageFolder: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-examples-')))
  cpSync(join(import.meta.dirname, '..', 'fixtures', 'examples'), folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(packageFolder, join(folder, 'node_modules', 'sluice'))
  symlinkSync(join(modules, '@types'), join(folder, 'node_modules', '@types'))
  return folder
}

/** What stands after `@example`, up to the next tag or the end of the comment. */
export function examplesIn(declaration: string): string[] {
  const comments = declaration.match(/\/\*\*[\s\S]*?\*\//g) ?? []
  return comments.flatMap((comment) => {
    const text = comment.slice(3, -2).replace(/^[ \t]*\* ?/gm, '')
    return text
      .split(/^@example\b/m)
      .slice(1)
      .map((example) => (example.split(/^@\w/m)[0] ?? '').trim())
  })
}

/** How many methods, overloads and calls of a property the interface declares: each begins a line. */
export function methodsIn(declaration: string): number {
  return declaration.match(/^ +(?:\w+|\w+<[^(]+>|<[^(]+>)\(/gm)?.length ?? 0
}

/** What the compiler says of the examples, each a module of its own in the project. */
export function faultsOf(folder: string, examples: readonly string[]): string {
  const files = examples.map((example, index) => {
    const name = `example-${index + 1}.ts`
    writeFileSync(
      join(folder, name),
      `import { createFeature, Feature, signExperimentOverride } from 'sluice'\nexport const used = [createFeature, Feature, signExperimentOverride]\n${example}\n`,
    )
    return join(folder, name)
  })
  try {
    const compiler = join(modules, 'typescript', 'bin', 'tsc')
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', folder], { cwd: folder, encoding: 'utf8' })
    return `${stdout}${stderr}`
  } finally {
    for (const file of files) rmSync(file)
  }
}
