// The builder of chance, and the guard that keeps all other chance out.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { randomFrom, readSeed, seed, seededRandom } from './random.js'

const root = join(import.meta.dirname, '../..')

/** What draws without a seed. `randomUUID` may stay: it makes names that must differ, and decides nothing. */
const unseeded =
  /\bMath\s*(?:\?\.|\.|\[\s*['"`])\s*random\b|\}\s*=\s*Math\b|\b(?:randomInt|randomBytes|randomFill|getRandomValues)\b/g
/** In what is shipped, keys and tokens must not follow from a seed. */
const unseededInLib = /\bMath\s*(?:\?\.|\.|\[\s*['"`])\s*random\b|\}\s*=\s*Math\b/g

function sourcesIn(folder: string): ReadonlyMap<string, string> {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  )
  return new Map(
    paths.map((path) => [`${folder}/${path.replaceAll('\\', '/')}`, readFileSync(join(root, folder, path), 'utf8')]),
  )
}

/** Each place in the sources that the pattern finds: the file, its line, and what stands there. */
function placesOf(pattern: RegExp, sources: ReadonlyMap<string, string>, allowed: readonly string[] = []): string[] {
  return [...sources]
    .filter(([path]) => !allowed.includes(path))
    .flatMap(([path, text]) =>
      text
        .split('\n')
        .flatMap((line, index) => [...line.matchAll(pattern)].map(([found]) => `${path}:${index + 1} ${found}`)),
    )
}

describe('chance without a seed', () => {
  it('is drawn nowhere in test/', () => {
    const sources = sourcesIn('test')
    expect(sources.size).toBeGreaterThan(100)
    expect(placesOf(unseeded, sources, ['test/support/random.test.ts'])).toEqual([])
  })

  it('is drawn in lib/ by the clock alone, which tests replace', () => {
    const places = placesOf(unseededInLib, sourcesIn('lib'))
    expect(places.map((place) => place.split(':')[0])).toEqual(['lib/time/clock.ts'])
  })

  it.each([
    'const chance = Math.random()',
    'const draw = Math.random',
    "const draw = Math['random']",
    'const { random } = Math',
    "import { randomBytes } from 'node:crypto'",
    'crypto.getRandomValues(new Uint8Array(4))',
    'const port = randomInt(10)',
  ])('is found in %j', (line) => {
    expect(placesOf(unseeded, new Map([['test/a.test.ts', `// first\n${line}\n`]]))).toHaveLength(1)
    expect(placesOf(unseeded, new Map([['test/a.test.ts', `// first\n${line}\n`]]))[0]).toMatch(/^test\/a\.test\.ts:2 /)
  })

  it.each([
    'const id = randomUUID()',
    'const most = Math.max(1, 2)',
    'clock.random()',
    'const random = seededRandom()',
  ])('is not seen in %j', (line) => {
    expect(placesOf(unseeded, new Map([['test/a.test.ts', line]]))).toEqual([])
  })
})

describe('chance with a seed', () => {
  it('is the same for the same seed and stream, and another for another of the two', () => {
    const draws = (start: number, stream?: number) => {
      const random = randomFrom(start, stream)
      return Array.from({ length: 20 }, () => random.next())
    }
    expect(draws(7)).toEqual(draws(7))
    expect(draws(7, 3)).toEqual(draws(7, 3))
    expect(draws(8)).not.toEqual(draws(7))
    expect(draws(7, 1)).not.toEqual(draws(7))
  })

  it('begins anew in each test with the seed of the run', () => {
    expect(seededRandom().next()).toBe(randomFrom(seed).next())
    expect(seededRandom().next()).toBe(randomFrom(seed).next())
  })

  it('spreads over what it draws from, and loses no item', () => {
    const random = randomFrom(1)
    const drawn = Array.from({ length: 10_000 }, () => random.below(10))
    for (let value = 0; value < 10; value++) {
      expect(drawn.filter((one) => one === value).length).toBeGreaterThan(850)
      expect(drawn.filter((one) => one === value).length).toBeLessThan(1_150)
    }
    expect(Math.min(...drawn)).toBe(0)
    expect(Math.max(...drawn)).toBe(9)
    const items = Array.from({ length: 50 }, (_, index) => index)
    expect(random.shuffled(items)).not.toEqual(items)
    expect(random.shuffled(items).sort((a, b) => a - b)).toEqual(items)
    expect(items).toContain(random.pick(items))
    expect(() => random.pick([])).toThrow('nothing to pick from')
  })
})

describe('the seed of a run', () => {
  it.each([
    ['0', 0],
    ['1764135059', 1_764_135_059],
    ['-12', -12],
    [undefined, null],
  ])('is read from %j as %j', (text, value) => {
    expect(readSeed(text)).toBe(value)
  })

  it.each(['', 'abc', '1.5', '12345678901', '1e3', ' 7'])(
    'is refused when it is %j, so that nothing new is played unnoticed',
    (text) => {
      expect(() => readSeed(text)).toThrow('give the whole number')
    },
  )
})
