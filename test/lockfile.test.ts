// The lock files of the packages.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Locked {
  readonly integrity?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const root = join(import.meta.dirname, '..')

/** The entries that node would look up for a name from one package, nearest first. */
function placesOf(name: string, from: string): string[] {
  const places = [`node_modules/${name}`]
  for (let end = 0; end !== -1; end = from.indexOf('/node_modules/', end + 1)) {
    if (end > 0) places.push(`${from.slice(0, end)}/node_modules/${name}`)
  }
  if (from !== '') places.push(`${from}/node_modules/${name}`)
  return places.reverse()
}

/** What comes with the repository, and not from a registry. */
const own = new Set(['', 'web', 'node_modules/sluice-web'])

const files = [
  'package-lock.json',
  'bench/package-lock.json',
  'bench/unleash/peer/package-lock.json',
  'test/sdks/package-lock.json',
]

describe.each(files)('%s', (file) => {
  const packages: Readonly<Record<string, Locked>> = JSON.parse(readFileSync(join(root, file), 'utf8')).packages

  // A registry without the packages of other systems leaves them out silently, and then `npm ci` refuses the whole file.
  it('names the package of every optional dependency, whatever system it was written on', () => {
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !placesOf(name, path).some((place) => Object.hasOwn(packages, place)))
        .map((name) => `${path} -> ${name}`),
    )
    expect(missing).toEqual([])
  })

  it('has a hash for every package', () => {
    const bare = Object.entries(packages).filter(([path, entry]) => !own.has(path) && entry.integrity === undefined)
    expect(bare.map(([path]) => path)).toEqual([])
  })
})
