// Whether a compiler of the project sees a file: any tsconfig beside it or above it, with what they extend and refer to.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** What of a configuration says which files it has; paths are absolute. */
interface Inclusion {
  readonly files: readonly string[] | null
  readonly include: readonly string[] | null
  readonly exclude: readonly string[] | null
}

/** The configurations that were looked at, relative to the root, and whether one of them includes the file (relative to the root too). */
export function includedBy(
  root: string,
  file: string,
): { readonly looked: readonly string[]; readonly found: boolean } {
  const path = resolve(root, file)
  const seen = new Set<string>()
  const found = configsAbove(root, dirname(path)).filter((config) => includes(config, path, seen)).length > 0
  return { looked: [...seen].map((config) => relative(root, config).replaceAll(sep, '/')), found }
}

function configsAbove(root: string, folder: string): readonly string[] {
  const here = existsSync(folder) ? readdirSync(folder).filter((name) => /^tsconfig(?:\..+)?\.json$/.test(name)) : []
  const configs = here.sort().map((name) => join(folder, name))
  return folder === resolve(root) || dirname(folder) === folder
    ? configs
    : [...configs, ...configsAbove(root, dirname(folder))]
}

/** A configuration that cannot be read includes nothing: the compiler itself says what is wrong with it. */
function includes(config: string, path: string, seen: Set<string>): boolean {
  if (seen.has(config)) return false
  seen.add(config)
  const content = readConfig(config)
  if (content === null) return false
  if (has(config, inclusionOf(config, content, new Set()), path)) return true
  const references = listOf(content['references']).map((one) => (isObject(one) ? one['path'] : null))
  return texts(references).some((reference) => {
    const target = resolve(dirname(config), reference)
    return includes(isFolder(target) ? join(target, 'tsconfig.json') : target, path, seen)
  })
}

function has(config: string, { files, include, exclude }: Inclusion, path: string): boolean {
  if (files?.includes(path)) return true
  const patterns = include ?? (files === null ? [join(dirname(config), '**/*')] : [])
  if (!patterns.some((pattern) => matches(pattern, path))) return false
  const usual = ['node_modules', 'bower_components', 'jspm_packages'].map((name) => join(dirname(config), '**', name))
  return !(exclude ?? usual).some((pattern) => matches(pattern, path))
}

/** Own fields come before those of what is extended, and paths start where they are written. */
function inclusionOf(config: string, content: Readonly<Record<string, unknown>>, seen: Set<string>): Inclusion {
  seen.add(config)
  const bases = texts(listOf(content['extends'])).flatMap((name) => {
    const base = extended(config, name)
    const read = base === null || seen.has(base) ? null : readConfig(base)
    return base === null || read === null ? [] : [inclusionOf(base, read, seen)]
  })
  const own = (key: keyof Inclusion) => {
    const value = content[key]
    if (Array.isArray(value)) {
      return texts(value).map((one) => resolve(dirname(config), one.replace(/^\$\{configDir\}\/?/, './')))
    }
    // The last one of several counts.
    return bases.findLast((base) => base[key] !== null)?.[key] ?? null
  }
  return { files: own('files'), include: own('include'), exclude: own('exclude') }
}

function extended(config: string, name: string): string | null {
  if (/^\.{0,2}\//.test(name)) {
    const path = resolve(dirname(config), name)
    return [path, `${path}.json`].find((one) => isFile(one)) ?? null
  }
  const require = createRequire(config)
  for (const wanted of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return require.resolve(wanted)
    } catch {
      // The next spelling, or a package that is not installed: then it says nothing of files.
    }
  }
  return null
}

/** `*`, `?` and `**` as the compiler reads them; a folder is all that lies in it. */
function matches(pattern: string, path: string): boolean {
  const expression = pattern
    .replaceAll(sep, '/')
    .replace(/\/$/, '')
    .split('/')
    .map((part) =>
      part === '**'
        ? '(?:[^/]+/)*'
        : `${part
            .replace(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]')}/`,
    )
    .join('')
  return new RegExp(`^${expression.replace(/\/$/, '')}(?:/.*)?$`).test(path.replaceAll(sep, '/'))
}

function readConfig(path: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(withoutComments(readFileSync(path, 'utf8')))
    return isObject(value) ? value : null
  } catch {
    // The compiler itself says what is wrong with it.
    return null
  }
}

/** JSON as compilers take it: without comments, the commas before an end, and a mark of the byte order. */
function withoutComments(text: string): string {
  const bare = text
    .replace(/^\ufeff/, '')
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string: string | undefined) => string ?? ' ')
  return bare.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function texts(values: readonly unknown[]): readonly string[] {
  return values.filter((value) => typeof value === 'string')
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
