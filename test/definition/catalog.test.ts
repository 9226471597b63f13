// The catalog of definitions, its first load and its reloads.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Catalog } from '../../lib/definition/catalog.js'
import { ConfigurationError, InvalidFeatureFlagError } from '../../lib/errors.js'
import { makeProject, yamlOf } from './project.js'

const here = 'config/feature_flags/ops/a_flag.yml'
const there = 'config/feature_flags/wip/b_flag.yml'

function twoFlags() {
  const project = makeProject({ [here]: yamlOf('a_flag', 'ops'), [there]: yamlOf('b_flag', 'wip') })
  return { ...project, catalog: new Catalog(project.options) }
}

describe('a catalog', () => {
  it('loads at the first question', () => {
    const { options, write } = makeProject()
    const catalog = new Catalog(options)
    write(here, yamlOf('a_flag', 'ops'))
    expect(catalog.get('a_flag')).toMatchObject({ name: 'a_flag', type: 'ops', path: here })
    expect(catalog.version).toBe(1)
  })

  it('keeps what it loaded until it is told to reload', () => {
    const { catalog, write } = twoFlags()
    catalog.load()
    write(here, yamlOf('a_flag', 'ops', { default_enabled: 'true' }))
    catalog.load()
    expect(catalog.get('a_flag')?.defaultEnabled).toBe(false)
    expect(catalog.reload()).toMatchObject({ changed: true, added: [], updated: ['a_flag'], removed: [], version: 2 })
    expect(catalog.get('a_flag')?.defaultEnabled).toBe(true)
  })

  it('knows no flag by the names of an object’s insides', () => {
    const { catalog } = twoFlags()
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])
      expect(catalog.get(name)).toBeUndefined()
  })

  it('suggests the flag that was meant, and none for what is unlike all', () => {
    const { catalog } = twoFlags()
    expect(catalog.suggest('a_flga')).toBe('a_flag')
    expect(catalog.suggest('completely_different')).toBeNull()
    expect(new Catalog(makeProject().options).suggest('a_flag')).toBeNull()
  })

  it('compares no name that is too long for a flag, which would take time by its length', () => {
    const long = 'a'.repeat(200)
    const { options } = makeProject({ [`config/feature_flags/ops/${long}.yml`]: yamlOf(long, 'ops') })
    expect(new Catalog(options).suggest('a'.repeat(255))).toBe(long)
    expect(new Catalog(options).suggest('a'.repeat(256))).toBeNull()
    expect(new Catalog(options).suggest('a'.repeat(1_000_000))).toBeNull()
  })

  it('is refused for a folder outside the root', () => {
    expect(() => new Catalog({ ...makeProject().options, paths: ['../x'] })).toThrow(ConfigurationError)
  })

  it('has the first fault as the error of a strict start', () => {
    const { catalog, options, write } = twoFlags()
    expect(catalog.firstError()).toBeNull()
    expect(() => catalog.assertLoaded()).not.toThrow()
    write(here, yamlOf('a_flag', 'ops', { default_enabled: 'no' }))
    const broken = new Catalog(options)
    expect(() => broken.assertLoaded()).toThrow(InvalidFeatureFlagError)
    expect(broken.firstError()).toMatchObject({
      code: 'invalid_definition',
      message: `invalid definition for ${here}: default_enabled: must be true or false, got "no"; write true or false`,
    })
  })

  it('says of a flag defined twice which file was first', () => {
    const { options, write } = twoFlags()
    write('ee/config/feature_flags/ops/a_flag.yml', yamlOf('a_flag', 'ops'))
    expect(new Catalog(options).firstError()).toMatchObject({
      code: 'duplicate_definition',
      message: expect.stringContaining(`name: is already defined in ${here}`),
    })
  })
})

describe('a reload', () => {
  it('of unchanged files changes nothing, not even the version', () => {
    const { catalog } = twoFlags()
    catalog.load()
    expect(catalog.reload()).toEqual({
      changed: false,
      added: [],
      updated: [],
      removed: [],
      kept: [],
      faults: [],
      faultsChanged: false,
      version: 1,
    })
  })

  it('adds and removes flags', () => {
    const { catalog, write, remove } = twoFlags()
    catalog.load()
    remove(there)
    write('ee/config/feature_flags/beta/c_flag.yml', yamlOf('c_flag', 'beta'))
    expect(catalog.reload()).toMatchObject({ changed: true, added: ['c_flag'], removed: ['b_flag'], version: 2 })
    expect([...catalog.all().keys()]).toEqual(['a_flag', 'c_flag'])
  })

  it.each([
    ['an edit that breaks a rule', yamlOf('a_flag', 'ops', { default_enabled: 'maybe' })],
    ['half a file', 'name: a_flag\ntype: "op'],
    ['an emptied file', ''],
    ['another name', yamlOf('z_flag', 'ops')],
  ])('keeps the last good definition over %s, says so, and takes the healed file', (_what, broken) => {
    const { catalog, write } = twoFlags()
    catalog.load()
    write(here, broken)
    write(there, yamlOf('b_flag', 'wip', { description: 'Changed in the same save' }))
    const change = catalog.reload()
    expect(change).toMatchObject({
      changed: true,
      updated: ['b_flag'],
      removed: [],
      kept: ['a_flag'],
      faultsChanged: true,
    })
    expect(change.faults).toHaveLength(1)
    expect(change.faults[0]?.message).toMatch(
      /ops\/a_flag\.yml: .*; .* \(until then the last good definition stays in use\)$/,
    )
    expect(catalog.get('a_flag')).toMatchObject({ type: 'ops', defaultEnabled: false })
    expect(catalog.reload()).toMatchObject({ changed: false, kept: ['a_flag'], faultsChanged: false })

    write(here, yamlOf('a_flag', 'ops', { default_enabled: 'true' }))
    expect(catalog.reload()).toMatchObject({
      changed: true,
      updated: ['a_flag'],
      kept: [],
      faults: [],
      faultsChanged: true,
    })
    expect(catalog.get('a_flag')?.defaultEnabled).toBe(true)
  })

  it('keeps nothing of a file that was never good', () => {
    const { options, write } = makeProject({ [here]: 'name: [' })
    const catalog = new Catalog(options)
    expect(catalog.get('a_flag')).toBeUndefined()
    expect(catalog.reload()).toMatchObject({ kept: [], changed: false })
    write(here, yamlOf('a_flag', 'ops'))
    expect(catalog.reload()).toMatchObject({ added: ['a_flag'], faults: [] })
  })

  it('removes a flag whose broken file is deleted', () => {
    const { catalog, write, remove } = twoFlags()
    catalog.load()
    write(here, '')
    catalog.reload()
    remove(here)
    expect(catalog.reload()).toMatchObject({ removed: ['a_flag'], faults: [] })
    expect(catalog.get('a_flag')).toBeUndefined()
  })

  it('keeps all flags of a folder that cannot be read', () => {
    const { catalog, root } = twoFlags()
    catalog.load()
    chmodSync(root, 0o755)
    chmodSync(join(root, 'config/feature_flags/ops'), 0)
    if (process.geteuid?.() === 0) {
      process.seteuid?.(65534)
      onTestFinished(() => process.seteuid?.(0))
    }
    const change = catalog.reload()
    expect(change).toMatchObject({ changed: false, kept: ['a_flag'] })
    expect(change.faults[0]?.remedy).toContain('until then the last good definition stays in use')
    expect(catalog.get('a_flag')).toBeDefined()
  })

  it('moves a flag to another type when its file moves', () => {
    const { catalog, write, remove } = twoFlags()
    catalog.load()
    remove(there)
    write('config/feature_flags/beta/b_flag.yml', yamlOf('b_flag', 'beta'))
    expect(catalog.reload()).toMatchObject({ updated: ['b_flag'], removed: [], faults: [] })
    expect(catalog.get('b_flag')?.type).toBe('beta')
  })
})
