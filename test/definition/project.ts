// A project folder with definition files, made for one test and removed after it.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { defaultDefinitionPaths } from '../../lib/definition/files/files.js'
import { type LoadOptions, loadDefinitions } from '../../lib/definition/load.js'
import { builtInTypes } from '../../lib/definition/types.js'
import { makeRoot, writeIn } from '../support/project.js'

export interface Project {
  readonly root: string
  readonly options: LoadOptions
  write(path: string, content: string | Uint8Array): string
  remove(path: string): void
}

/** A fresh root holding the given files. */
export function makeProject(files: Readonly<Record<string, string>> = {}, options: Partial<LoadOptions> = {}): Project {
  const root = makeRoot(files)
  return {
    root,
    options: { root, paths: defaultDefinitionPaths, types: builtInTypes, foss: false, ...options },
    write: (path, content) => writeIn(root, path, content),
    remove: (path) => rmSync(join(root, path), { recursive: true }),
  }
}

/** The text of a good definition, with lines replaced (`null`: left out) or added. */
export function yamlOf(
  name: string,
  type = 'development',
  lines: Readonly<Record<string, string | null>> = {},
): string {
  const all = {
    name,
    description: `What ${name} does`,
    milestone: '"0.1"',
    group: 'group::test',
    type,
    default_enabled: 'false',
    ...lines,
  }
  return Object.entries(all)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}\n`]))
    .join('')
}

/** The faults of a project whose only file is this one, the flag `a_flag` of type development. */
export function faultsOf(content: string, path = 'config/feature_flags/development/a_flag.yml') {
  return loadDefinitions(makeProject({ [path]: content }).options).faults
}
