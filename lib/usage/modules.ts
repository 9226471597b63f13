// Which file an import means: a relative path, an alias, another package of the same repository. What is installed and has nothing to do
// with flags is known to be foreign.
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { isRecord } from '../text/json.js'
import { leaves, PathAliases } from './path-aliases.js'
import { isOwnPackage } from './source/package-exports.js'

/** A file of the listing; `foreign`: a module that knows no flags; null: not known. */
export type Resolution = { readonly path: string } | 'foreign' | null

const endings = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.vue', '.svelte']
/** What a compiler makes of each, and so what an import names. */
const compiled: ReadonlyMap<string, readonly string[]> = new Map([
  ['.js', ['.ts', '.tsx', '.jsx']],
  ['.jsx', ['.tsx']],
  ['.mjs', ['.mts']],
  ['.cjs', ['.cts']],
])

export class Modules {
  readonly #root: string
  readonly #files: ReadonlySet<string>
  readonly #aliases: PathAliases
  readonly #foreign = new Map<string, boolean>()
  readonly #resolved = new Map<string, Resolution>()
  #packages: ReadonlyMap<string, string> | null = null

  constructor(root: string, files: readonly string[]) {
    this.#root = root
    this.#files = new Set(files)
    this.#aliases = new PathAliases(root)
  }

  resolve(from: string, specifier: string): Resolution {
    const folder = posix.dirname(from)
    const key = `${folder}\0${specifier}`
    const before = this.#resolved.get(key)
    if (before !== undefined) return before
    const resolution = this.#resolve(folder, specifier)
    this.#resolved.set(key, resolution)
    return resolution
  }

  #resolve(folder: string, specifier: string): Resolution {
    const name = specifier.replace(/[?].*$/, '')
    if (name.startsWith('.')) return this.#found([posix.join(folder, name)])
    if (isBuiltin(name)) return 'foreign'
    const aliased = this.#found([...this.#aliases.candidates(folder, name), ...usualAlias(folder, name)])
    if (aliased !== null) return aliased
    const owner = packageNameOf(name)
    const home = this.#workspaces().get(owner)
    if (home !== undefined) return this.#found(this.#entries(home, name.slice(owner.length + 1)))
    return this.#isForeign(owner) ? 'foreign' : null
  }

  #found(candidates: readonly string[]): Resolution {
    for (const candidate of candidates) {
      const path = this.#fileAt(candidate)
      if (path !== null) return { path }
    }
    return null
  }

  #fileAt(path: string): string | null {
    const ending = posix.extname(path)
    const stem = path.slice(0, path.length - ending.length)
    const tries = [
      path,
      ...(compiled.get(ending) ?? []).map((source) => stem + source),
      ...endings.map((one) => path + one),
      ...endings.map((one) => posix.join(path, `index${one}`)),
    ]
    return tries.find((one) => this.#files.has(one)) ?? null
  }

  /** The packages whose package.json lies in a folder with files, by name. */
  #workspaces(): ReadonlyMap<string, string> {
    if (this.#packages !== null) return this.#packages
    const packages = new Map<string, string>()
    const seen = new Set<string>()
    for (const file of this.#files) {
      for (let folder = posix.dirname(file); !seen.has(folder); folder = posix.dirname(folder)) {
        seen.add(folder)
        const name = this.#manifest(folder)?.['name']
        if (typeof name === 'string') packages.set(name, folder)
      }
    }
    this.#packages = packages
    return packages
  }

  /** Where the source of a package's entry may be: what its manifest names, also before it was built. */
  #entries(home: string, rest: string): readonly string[] {
    if (rest !== '') return [posix.join(home, rest), posix.join(home, 'src', rest)]
    const manifest = this.#manifest(home) ?? {}
    const exported = isRecord(manifest['exports'])
      ? (manifest['exports']['.'] ?? manifest['exports'])
      : manifest['exports']
    const named = ['source', 'module', 'main', 'types'].map((key) => manifest[key])
    const paths = [...leaves(exported), ...leaves(named)].map((path) =>
      posix.join(home, path.replace(/\.d\.([cm]?)ts$/, '.$1js')),
    )
    const before = paths.map((path) => path.replace(/\/(?:dist|build|lib|out)\//, '/src/'))
    return [...paths, ...before, posix.join(home, 'src/index'), posix.join(home, 'index')]
  }

  /** Whether the package is installed, and does not depend on this one. */
  #isForeign(name: string): boolean {
    const known = this.#foreign.get(name)
    if (known !== undefined) return known
    let foreign = false
    for (let folder = this.#root; ; folder = dirname(folder)) {
      const manifest = readJson(join(folder, 'node_modules', name, 'package.json'))
      if (manifest !== null) {
        const asked = ['dependencies', 'peerDependencies'].flatMap((key) => Object.keys(manifest[key] ?? {}))
        foreign = !asked.some(isOwnPackage)
        break
      }
      if (folder === dirname(folder)) break
    }
    this.#foreign.set(name, foreign)
    return foreign
  }

  #manifest(folder: string): Record<string, unknown> | null {
    return readJson(join(this.#root, folder, 'package.json'))
  }
}

/** `@/` and `~/` mean the folder `src`, where no configuration says so. */
function usualAlias(folder: string, name: string): readonly string[] {
  const rest = /^[@~]\/(.+)$/.exec(name)?.[1]
  if (rest === undefined) return []
  const parts = folder.split('/')
  const sourceFolder = parts.includes('src') ? parts.slice(0, parts.lastIndexOf('src') + 1).join('/') : 'src'
  return [posix.join(sourceFolder, rest), rest]
}

function packageNameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function readJson(path: string): Record<string, unknown> | null {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isRecord(content) ? content : null
  } catch {
    return null // There is none, or it is none.
  }
}
