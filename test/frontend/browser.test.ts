// The helper of pages, as it is built and shipped: what it answers, what it says in the console, and its size.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { getExperimentData, getExperimentVariant, glFeatures, glFeaturesOf } from '../../lib/frontend/browser.js'
import { compiled } from '../support/compiled.js'

const page = globalThis as { gon?: object }
const said: string[] = []

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void said.push(text))
})
afterEach(() => {
  vi.restoreAllMocks()
  said.length = 0
  delete page.gon
})

describe('flags in a page', () => {
  it('are what was pushed, from the moment at which it was', () => {
    expect(glFeatures['darkMode']).toBe(false)
    page.gon = { features: { darkMode: true, banner: false, odd: 'yes' } }
    expect([glFeatures['darkMode'], glFeatures['banner'], glFeatures['odd']]).toEqual([true, false, false])
    expect('darkMode' in glFeatures && !('other' in glFeatures)).toBe(true)
    expect({ ...glFeatures }).toEqual({ darkMode: true, banner: false, odd: false })
    expect(said).toEqual([])
  })

  it('are off where they were not pushed, which the console says once for each in strict mode', () => {
    page.gon = { features: { banner: true }, strict: true }
    expect([glFeatures['oneMore'], glFeatures['oneMore'], glFeatures['another'], glFeatures['banner']]).toEqual([
      false,
      false,
      false,
      true,
    ])
    expect(said).toEqual([
      'The flag "oneMore" is off here: it was not pushed (pushFrontendFeatureFlag)',
      'The flag "another" is off here: it was not pushed (pushFrontendFeatureFlag)',
    ])
  })

  it('have no properties of objects as flags, unless they were pushed, and can be shown and returned as any object', async () => {
    page.gon = { features: {}, strict: true }
    for (const name of ['then', 'toJSON', '__v_isRef', '$$typeof'])
      expect([name, glFeatures[name]]).toEqual([name, undefined])
    expect(`${glFeatures}`).toBe('[object Object]')
    expect(JSON.stringify(await Promise.resolve(glFeatures))).toBe('{}')
    expect(said).toEqual([])
    page.gon = { features: { toString: true } }
    expect(glFeatures['toString']).toBe(true)
  })

  it('cannot be assigned', () => {
    page.gon = { features: { darkMode: false } }
    expect(() => Object.assign(glFeatures, { darkMode: true })).toThrow(TypeError)
    expect(glFeatures['darkMode']).toBe(false)
  })

  it('come from an object too, for components that get them as properties', () => {
    const features = glFeaturesOf({ darkMode: true }, true)
    expect([features['darkMode'], features['other'], glFeaturesOf({})['other']]).toEqual([true, false, false])
    expect(said).toHaveLength(1)
  })
})

describe('experiments in a page', () => {
  it('are what was pushed, and otherwise the control', () => {
    const checkout = { experiment: 'checkout', variant: 'candidate', key: 'f0c1', excluded: false }
    expect([getExperimentVariant('checkout'), getExperimentData('checkout')]).toEqual(['control', undefined])
    page.gon = { experiment: { checkout } }
    expect([getExperimentVariant('checkout'), getExperimentData('checkout')]).toEqual(['candidate', checkout])
    expect(getExperimentVariant('constructor')).toBe('control')
  })
})

it('the file that is shipped, with its comments and not minified, imports nothing and takes at most 1 kB by gzip', () => {
  const dist = compiled({
    config: 'tsconfig.build.json',
    sources: ['lib'],
    arguments: ['--sourceMap', 'false'],
    writes: 'cli/main.js',
  })
  const code = readFileSync(join(dist, 'frontend/browser.js'))
  expect(code.toString()).not.toMatch(/\b(?:import|require)\b/)
  expect(gzipSync(code).length).toBeLessThanOrEqual(1_000)
})
