// Judges the imports of lib/: rooms in one order, no circles, no doors between neighbours that must not know each other.
// It works on texts, so that its own tests can give it a tree that is wrong.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** Paths below lib/ with `/`, and the text of each file. */
export type Tree = ReadonlyMap<string, string>

/**
 * From left to right; a file imports from its own room and from rooms further left. Rooms on one line are neighbours, which do
 * not import each other. A room is the first folder of a path, or the name of a file that lies beside the folders.
 */
export const order: readonly (readonly string[])[] = [
  ['text'],
  ['error-table'],
  ['errors'],
  ['packages'],
  ['log'],
  ['time'],
  ['actors'],
  ['gates'],
  ['definition'],
  ['config'],
  ['state'],
  ['embedded-postgres'],
  ['store', 'cache'],
  ['tokens', 'project-flags'],
  ['unleash'],
  ['replica'],
  ['relay'],
  ['experiments'],
  ['feature'],
  ['instance'],
  ['frontend', 'openfeature', 'testing', 'chatops'],
  ['server'],
  ['cli'],
  ['index'],
]

/**
 * Rooms that stand for themselves: they import from these and their lefts, and from those named before them here; nobody left of
 * `server` imports them.
 */
const aside: ReadonlyMap<string, string> = new Map([
  ['usage', 'config'],
  ['review', 'config'],
])

interface Wall {
  readonly between: string
  readonly from: RegExp
  readonly to: RegExp
}

/** Inside a room, by folder or by what a file's name begins with. */
const walls: readonly Wall[] = [
  { between: 'the cache in memory and Redis', from: /^cache\/memory[-/.]/, to: /^cache\/redis[-/.]/ },
  {
    between: 'the store in memory and Postgres',
    from: /^store\/memory[-/.]/,
    to: /^store\/(?:postgres[-/.]|embedded)/,
  },
  {
    between: 'what reads and what writes',
    from: /^store\/postgres[-/](?:reads|since|standing|sql)/,
    to: /^store\/postgres[-/](?:commit|transaction|write|rows|gate-rows)/,
  },
  { between: 'a page in the browser and everything', from: /^frontend\/browser/, to: /^(?!frontend\/page-flags\.ts$)/ },
]

/** All sources below a folder. */
export function readTree(folder: string): Tree {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')]))
}

/** What is wrong in the tree, one line each, sorted; `entries` are entered from outside. */
export function faultsOf(tree: Tree, entries: readonly string[]): string[] {
  const imports = new Map([...tree].map(([path, text]) => [path, importsOf(path, text)]))
  const pairs = [...imports].flatMap(([path, targets]) => targets.map((target) => [path, target] as const))
  const imported = new Set(pairs.map(([, target]) => target))
  return [
    ...[...tree.keys()].filter((path) => placeOf(path) === null).map((path) => `${path} is in no room`),
    ...pairs
      .filter(([, target]) => !tree.has(target))
      .map(([path, target]) => `${path} imports ${target}, which is not there`),
    ...pairs.filter(([path, target]) => !mayImport(path, target)).map(([path, target]) => `${path} imports ${target}`),
    ...pairs.flatMap(([path, target]) =>
      walls
        .filter(({ from, to }) => from.test(path) && to.test(target))
        .map(({ between }) => `${path} imports ${target} through the wall between ${between}`),
    ),
    ...[...tree.keys()].flatMap((path) => circleThrough(path, imports) ?? []),
    ...[...tree.keys()]
      .filter((path) => !imported.has(path) && !entries.includes(path))
      .map((path) => `${path} is imported by no file`),
  ].sort()
}

export function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*['"](\.{1,2}\/[^'"]+)['"]/g)
  return [...found].map((match) =>
    normalize(join(dirname(path), match[1] ?? ''))
      .replaceAll('\\', '/')
      .replace(/\.js$/, '.ts'),
  )
}

function roomOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '')
}

/** The number of a room in the order; null for none. One aside stands right of what it may import. */
function placeOf(path: string): number | null {
  const room = roomOf(path)
  const after = aside.get(room)
  const asideNames = [...aside.keys()]
  if (after !== undefined) {
    return order.findIndex((rooms) => rooms.includes(after)) + (asideNames.indexOf(room) + 1) / (asideNames.length + 1)
  }
  const place = order.findIndex((rooms) => rooms.includes(room))
  return place < 0 ? null : place
}

function mayImport(path: string, target: string): boolean {
  const [from, to] = [roomOf(path), roomOf(target)]
  if (from === to) return true
  if (aside.has(to) && !aside.has(from) && !['server', 'cli', 'index'].includes(from)) return false
  const [left, right] = [placeOf(target), placeOf(path)]
  return left !== null && right !== null && left < right
}

/** The shortest circle through a file, told once, by the first of its files; null where there is none. */
function circleThrough(start: string, imports: ReadonlyMap<string, readonly string[]>): string | null {
  const queue: string[][] = [[start]]
  const seen = new Set<string>()
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of imports.get(path.at(-1) ?? '') ?? []) {
      if (next === start) return [...path].sort()[0] === start ? `circle: ${[...path, next].join(' → ')}` : null
      if (seen.has(next)) continue
      seen.add(next)
      queue.push([...path, next])
    }
  }
  return null
}

/** The packages that importing a file loads at once: static imports only, and not those of types. */
export function packagesLoadedBy(tree: Tree, entry: string): string[] {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    const found = (tree.get(path) ?? '').matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s*['"]([^'"]+)['"]/gm)
    for (const [, types, target = ''] of found) {
      if (types !== undefined || target.startsWith('node:')) continue
      if (target.startsWith('.'))
        visit(
          normalize(join(dirname(path), target))
            .replaceAll('\\', '/')
            .replace(/\.js$/, '.ts'),
        )
      else packages.add(target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? ''))
    }
  }
  visit(entry)
  return [...packages].sort()
}
