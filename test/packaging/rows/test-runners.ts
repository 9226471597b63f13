// Jest, as docs/recipes.md says: with ES modules, and with CommonJS made by Babel. And the types of the matcher, for both runners.
import { runWell } from '../package.js'
import { beside, installed, lazily, type Row } from './row.js'

const jest = 'jest@30.5.2'
const babel = ['@babel/core@7', '@babel/preset-env@7', 'babel-jest@30.5.2']
const body = `
test('a flag is changed and asked', async () => {
  await Feature.start({ env: 'test', databaseUrl: 'memory', diskFile: false })
  expect(Feature.enabled('dark_mode')).toBe(true)
  await Feature.disable('dark_mode')
  expect(Feature.enabled('dark_mode')).toBe(false)
  await Feature.enable('dark_mode')
  expect(Feature.enabled('dark_mode')).toBe(true)
  await Feature.stop()
})
test('a flag is stubbed, in this test alone', () => {
  stubFeatureFlags({ dark_mode: false })
  expect(Feature.enabled('dark_mode')).toBe(false)
})
test('every other flag is on', () => expect(Feature.enabled('dark_mode')).toBe(true))
`
const imports = `import { Feature } from 'sluice'\nimport { stubFeatureFlags } from 'sluice/testing'\n`
const esm = { 'flag.test.mjs': imports + body }
const esmConfig = {
  'jest.config.mjs': `export default { testMatch: ['**/*.test.mjs'], transform: {}, setupFilesAfterEnv: ['sluice/testing/jest'] }`,
}
const commonJs = { 'flag.test.js': imports + body }
const commonJsConfig = {
  'babel.config.cjs': `module.exports = { presets: [['@babel/preset-env', { targets: { node: 'current' } }]] }`,
  'jest.config.cjs': `module.exports = {
  setupFilesAfterEnv: ['sluice/testing/jest'],
  transform: { '\\\\.[cm]?[jt]s$': 'babel-jest' },
  // These are ES modules; all other packages stay as they are.
  transformIgnorePatterns: ['/node_modules/(?!(sluice|chokidar|readdirp)/)'],
}`,
}

const typedMatcher = (setup: string) => `${setup}
it('tells the page of its flags', () => {
  expect('<html>').not.toHavePushedFeatureFlags({ darkMode: true })
  // @ts-expect-error an answer is true or false
  expect('<html>').not.toHavePushedFeatureFlags({ darkMode: 'yes' })
})
`
/** As docs/frontend.md says. */
const ownDeclaration = `import type { WantedFeatures } from 'sluice/testing'
declare module 'expect' {
  interface Matchers<R> {
    toHavePushedFeatureFlags(wanted: WantedFeatures): R
  }
}`
const typedRunners = [
  { runner: '@types/jest@30', types: ['node', 'jest'], setup: `import 'sluice/testing/jest'` },
  {
    runner: '@jest/globals@30',
    types: ['node'],
    setup: `import { expect, it } from '@jest/globals'\n${ownDeclaration}`,
  },
  { runner: 'vitest@4.1.12', types: ['node', 'sluice/testing'], setup: `import { expect, it } from 'vitest'` },
]

export function testRunners(tarball: string): readonly Row[] {
  const project = lazily(() => installed(tarball, [jest, ...babel]))
  const program = [process.execPath, '--experimental-vm-modules', 'node_modules/jest/bin/jest.js']
  return [
    {
      name: 'Jest, ES modules',
      versions: jest,
      check: () => {
        runWell(beside(project(), { ...esm, ...esmConfig }), program)
        return undefined
      },
    },
    {
      name: 'Jest, CommonJS by Babel',
      versions: `${jest} ${babel.join(' ')}`,
      check: () => {
        const folder = beside(project(), { ...commonJs, ...commonJsConfig })
        runWell(folder, [process.execPath, 'node_modules/jest/bin/jest.js'])
        return undefined
      },
    },
    ...typedRunners.map(({ runner, types, setup }) => ({
      name: 'the matcher, TypeScript',
      versions: runner,
      check: () => {
        const options = { strict: true, noEmit: true, skipLibCheck: false, module: 'nodenext', types }
        const files = {
          'page.test.mts': typedMatcher(setup),
          'tsconfig.json': JSON.stringify({ compilerOptions: options, files: ['page.test.mts'] }),
        }
        const folder = installed(tarball, [runner, 'typescript@7.0.2', '@types/node@20', '@types/pg@8'], files)
        runWell(folder, [process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.'])
        return undefined
      },
    })),
  ]
}
