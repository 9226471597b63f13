// Packages that are checked at use: which versions fit, and what a person is told to run.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { embeddedPackages } from '../lib/embedded-postgres/engine.js'
import { importNeeded, installedVersion, isOlder } from '../lib/packages.js'
import { serverPackages } from '../lib/server/serve.js'
import { parserPackages } from '../lib/usage/source/parser.js'
import { sveltePackages } from '../lib/usage/source/components/svelte.js'
import { vuePackages } from '../lib/usage/source/components/vue.js'

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>
}

const manifest: Manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
const purpose = { subject: 'the kettle', otherwise: 'or drink water' }

describe('a package that is needed', () => {
  it.each([
    ['5.2.9', '5.3.0', true],
    ['5.3.0', '5.3.0', false],
    ['5.11.1', '5.3.0', false],
    ['4.29.1', '5.3.0', true],
    ['6.0.0-beta.1', '5.3.0', false],
    ['5.3', '5.3.0', false],
    ['5.3.0+build-7', '5.3.1', true],
    ['workspace', '5.3.0', false],
  ])('in version %s, where %s is the oldest: too old is %s', (version, oldest, expected) => {
    expect(isOlder(version, oldest)).toBe(expected)
  })

  it('is imported', async () => {
    const packages = [{ name: 'js-yaml', oldest: '5.0.0', install: 'js-yaml@5' }]
    const [yaml] = await importNeeded({ ...purpose, packages })
    expect(yaml).toHaveProperty('load')
  })

  it.each([
    [
      [{ name: 'sluice-no-such-package', oldest: '1.0.0', install: 'sluice-no-such-package@1' }],
      'the kettle needs the package sluice-no-such-package, which is not installed; ' +
        'run "npm install sluice-no-such-package@1", or drink water',
    ],
    [
      [
        { name: 'js-yaml', oldest: '5.0.0', install: 'js-yaml@5' },
        { name: 'commander', oldest: '99.1.0', install: 'commander@99' },
      ],
      `the kettle needs commander 99.1.0 or newer, but ${installedVersion('commander')} is installed; ` +
        'run "npm install js-yaml@5 commander@99", or drink water',
    ],
  ])('is named with what is wrong and the command for all of them: %j', async (packages, message) => {
    const imported = importNeeded({ ...purpose, packages })
    await expect(imported).rejects.toMatchObject({ code: 'invalid_configuration', message })
  })

  it('is left out if it is optional and not installed', async () => {
    const packages = [{ name: 'sluice-no-such-package', oldest: '1.0.0', install: 'x', optional: true } as const]
    expect(await importNeeded({ ...purpose, packages })).toEqual([undefined])
  })
})

describe('the optional packages', () => {
  const names = Object.keys(manifest.peerDependencies)

  // A range would keep out every project that has another version, also where it never uses what needs the package.
  it('are peers of any version, so that npm refuses no project', () => {
    expect(new Set(Object.values(manifest.peerDependencies))).toEqual(new Set(['*']))
    expect(manifest.peerDependenciesMeta).toEqual(Object.fromEntries(names.map((name) => [name, { optional: true }])))
  })

  it('are those that are checked at use, and the version to install is the tested one', () => {
    const checked = [...serverPackages, ...embeddedPackages, ...parserPackages, ...vuePackages, ...sveltePackages]
    expect(names.toSorted()).toEqual([...checked.map(({ name }) => name), 'ioredis', 'vitest'].toSorted())
    for (const { name, install, oldest } of checked) {
      const tested = manifest.devDependencies[name] ?? ''
      expect(tested).toMatch(new RegExp(`^${install.slice(name.length + 1).replaceAll('.', '\\.')}(\\.|$)`))
      expect(isOlder(tested, oldest)).toBe(false)
    }
  })
})
