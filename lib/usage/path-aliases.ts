// `paths` of the nearest tsconfig or jsconfig, with what it extends, and `imports` of the nearest package.json.
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isRecord } from '../text/json.js'
import { parseJsonWithComments } from '../text/json-with-comments.js'

interface Alias {
  /** `@app/*` */
  readonly pattern: string
  /** From the root: `src/app/*`. */
  readonly targets: readonly string[]
}

export class PathAliases {
  readonly #root: string
  readonly #byFolder = new Map<string, readonly Alias[]>()

  constructor(root: string) {
    this.#root = root
  }

  /** The places from the root that an import in this folder may mean, the most exact pattern first. */
  candidates(folder: string, specifier: string): readonly string[] {
    const aliases = this.#of(folder)
    const fitting = aliases.flatMap(({ pattern, targets }) => {
      const rest = restOf(pattern, specifier)
      return rest === null
        ? []
        : [{ length: pattern.length, paths: targets.map((target) => target.replace('*', () => rest)) }]
    })
    return fitting.sort((one, two) => two.length - one.length).flatMap(({ paths }) => paths)
  }

  #of(folder: string): readonly Alias[] {
    const known = this.#byFolder.get(folder)
    if (known !== undefined) return known
    const config = ['tsconfig.json', 'jsconfig.json'].find((name) => this.#read(posix.join(folder, name)) !== null)
    const own = config === undefined ? [] : this.#pathsOf(posix.join(folder, config), new Set())
    const imports = this.#importsOf(folder)
    const above = folder === '.' || folder === '' ? [] : this.#of(posix.dirname(folder))
    // The nearest configuration counts alone, with what it extends.
    const aliases = [...imports, ...(config === undefined ? above : own)]
    this.#byFolder.set(folder, aliases)
    return aliases
  }

  #pathsOf(path: string, seen: Set<string>): readonly Alias[] {
    if (seen.has(path)) return []
    seen.add(path)
    const config = this.#read(path)
    if (config === null) return []
    const options = isRecord(config['compilerOptions']) ? config['compilerOptions'] : {}
    const { paths, baseUrl } = options
    const base = posix.join(posix.dirname(path), typeof baseUrl === 'string' ? baseUrl : '.')
    const own = isRecord(paths)
      ? Object.entries(paths).map(([pattern, targets]) => aliasOf(pattern, targets, base))
      : []
    const below = typeof baseUrl === 'string' ? [{ pattern: '*', targets: [posix.join(base, '*')] }] : []
    const referenced = listOf(config['references']).flatMap((one) => (isRecord(one) ? textsOf([one['path']]) : []))
    // A solution that lists its projects has no options of its own.
    const parts = referenced.map((one) => (one.endsWith('.json') ? one : posix.join(one, 'tsconfig.json')))
    const parents = textsOf(typeof config['extends'] === 'string' ? [config['extends']] : listOf(config['extends']))
    const others = [
      ...parents.filter((one) => one.startsWith('.')).map((one) => (one.endsWith('.json') ? one : `${one}.json`)),
      ...parts,
    ]
    const inherited = others.flatMap((one) => this.#pathsOf(posix.join(posix.dirname(path), one), seen))
    return own.length > 0 ? [...own, ...below] : [...inherited, ...below]
  }

  #importsOf(folder: string): readonly Alias[] {
    const imports = this.#read(posix.join(folder, 'package.json'))?.['imports']
    if (!isRecord(imports)) return []
    return Object.entries(imports).map(([pattern, target]) => aliasOf(pattern, leaves(target), folder))
  }

  #read(path: string): Record<string, unknown> | null {
    try {
      const content = parseJsonWithComments(readFileSync(join(this.#root, path), 'utf8'))
      return isRecord(content) ? content : null
    } catch {
      return null // There is none.
    }
  }
}

function aliasOf(pattern: string, targets: unknown, base: string): Alias {
  return { pattern, targets: textsOf(listOf(targets)).map((target) => posix.join(base, target)) }
}

/** What `*` stands for; null if the pattern does not fit. */
function restOf(pattern: string, specifier: string): string | null {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === specifier ? '' : null
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)]
  if (specifier.length < pattern.length - 1 || !specifier.startsWith(before) || !specifier.endsWith(after)) return null
  return specifier.slice(before.length, specifier.length - after.length)
}

/** All texts in a target with conditions: `{ node: './a.js', default: './b.js' }`. */
export function leaves(target: unknown): readonly string[] {
  if (typeof target === 'string') return [target]
  if (Array.isArray(target)) return target.flatMap(leaves)
  return isRecord(target) ? Object.values(target).flatMap(leaves) : []
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textsOf(values: readonly unknown[]): readonly string[] {
  return values.filter((value) => typeof value === 'string')
}
