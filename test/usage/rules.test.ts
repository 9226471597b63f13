// Each rule in a small project: what it finds, and what it lets pass.
import { describe, expect, it } from 'vitest'
import type { FeatureOptions } from '../../lib/config/options.js'
import { defined, faultLines, readIn, usageProject } from './project.js'

const feature = `import { Feature } from 'sluice'\n`
const inFunction = (code: string) => `${feature}export const f = (user, x) => {\n${code}\n}\n`
const actors = {
  'src/actors.ts': `import { FeatureGate } from 'sluice'\nexport class User extends FeatureGate('User') {}\nexport class Account extends FeatureGate('Project') {}\nexport class Admin extends User {}\n`,
}

interface Row {
  readonly what: string
  readonly files: Readonly<Record<string, string>>
  readonly faults: readonly string[]
  readonly usage?: FeatureOptions['usage']
  readonly options?: FeatureOptions
}

const rows: readonly Row[] = [
  {
    what: 'a flag that is asked and defined is fine',
    files: { ...defined('a'), 'src/a.ts': inFunction(`Feature.enabled('a')`) },
    faults: [],
  },
  {
    what: 'a flag that is asked and not defined',
    files: { 'src/a.ts': inFunction(`  Feature.enabled('a')`) },
    faults: ['undefined-flag src/a.ts:3:19'],
  },
  {
    what: 'a flag that is changed and not defined',
    files: { 'src/a.ts': inFunction(`Feature.enable('a', user)`) },
    faults: ['undefined-flag src/a.ts:3:16'],
  },
  {
    what: 'a type whose flags need no definition is fine where it is named',
    files: { 'src/a.ts': inFunction(`Feature.enabled('a', { type: 'worker' }); Feature.enable('a')`) },
    faults: [],
  },
  {
    what: 'an unknown name on an object that may be another one is fine',
    files: { 'src/a.ts': inFunction(`x.enabled('a')`) },
    faults: [],
  },
  {
    what: 'a flag that is defined and not asked, although it is changed and stubbed',
    files: {
      ...defined('a'),
      'src/a.ts': inFunction(`Feature.enable('a', user)`),
      'src/a.test.ts': `stubFeatureFlags({ a: true }); Feature.enabled('a')`,
    },
    faults: ['unused-flag config/feature_flags/development/a.yml:2:1'],
  },
  {
    what: 'a call that may be ours marks a defined flag',
    files: { ...defined('a'), 'src/a.js': `module.exports = (req) => req.flags.enabled('a')` },
    faults: [],
  },
  {
    what: 'a permission to be unused, and needless ones',
    files: { ...defined('a'), ...defined('b'), 'src/a.ts': inFunction(`Feature.enabled('b')`) },
    usage: { allowUnused: { a: 'soon', b: 'why', c: 'gone' } },
    faults: ['allow-unused .:1:1', 'allow-unused config/feature_flags/development/b.yml:1:1'],
  },
  {
    what: 'a name with one literal beginning marks every flag that begins so',
    files: {
      ...defined('a_1'),
      ...defined('a_2'),
      ...defined('b'),
      'src/a.ts': inFunction(`Feature.enabled(\`a_\${x}\`)`),
    },
    faults: ['unused-flag config/feature_flags/development/b.yml:2:1'],
  },
  {
    what: 'a beginning that no flag has',
    files: { 'src/a.ts': inFunction(`Feature.enabled(\`a_\${x}\`)\nFeature.enabled(\`w_\${x}\`, { type: "worker" })`) },
    faults: ['undefined-flag src/a.ts:3:17'],
  },
  {
    what: 'a name with several literal parts is a note, and marks nothing',
    files: { ...defined('a_1_b'), 'src/a.ts': inFunction(`Feature.enabled(\`a_\${x}_b\`)`) },
    faults: ['unused-flag config/feature_flags/development/a_1_b.yml:2:1', 'dynamic-name src/a.ts:3:17'],
  },
  {
    what: 'a type that is missing, wrong, or unknown',
    files: {
      ...defined('a', { type: 'ops' }),
      'src/a.ts': inFunction(
        `Feature.enabled('a')\nFeature.enabled('a', user, { type: 'beta' })\nFeature.enabled('a', { type: 'opps' })\nFeature.enabled('a', { type: 'ops' })\nFeature.enabled('a', user, x)`,
      ),
    },
    faults: ['wrong-type src/a.ts:3:17', 'wrong-type src/a.ts:4:17', 'wrong-type src/a.ts:5:17'],
  },
  {
    what: 'an experiment is asked with its type, whatever stands in its options',
    files: {
      ...actors,
      ...defined('a', { type: 'experiment', actor: 'user' }),
      ...defined('b', { type: 'ops' }),
      'src/flags.ts': `import { createFeature } from 'sluice'\nexport const flags = createFeature()`,
      'src/a.ts': `${feature}import { User, Account } from './actors.js'\nimport { flags } from './flags.js'\nexport async function f(user: User, account: Account) {\nawait Feature.experiment('a', { actor: user, variants: ['x', 'y'] })\nawait flags.experiment('a', { actor: user })\nFeature.enabled('a', user, { type: 'experiment' })\nawait Feature.experiment('a', { actor: account })\nawait Feature.experiment('b', options)\n}`,
    },
    faults: ['wrong-actor src/a.ts:8:26', 'wrong-type src/a.ts:9:26'],
  },
  {
    what: 'an experiment needs a definition, also where a check of its name and type would not',
    files: {
      'src/flags.ts': `import { createFeature } from 'sluice'\nexport const { experiment: torn } = createFeature()\nexport const flags = createFeature()`,
      'src/a.ts': `import { flags } from './flags.js'\n${inFunction(`Feature.experiment('a')\nFeature.enabled('a', { type: 'experiment' })\nflags.experiment('a', { actor: user })\nFeature.enable('a')\nFeature.experiment(\`b_\${x}\`)\nFeature.experiment('No Name')\nx.experiment('c')`)}`,
    },
    faults: [
      'undefined-flag src/a.ts:4:20',
      'undefined-flag src/a.ts:6:18',
      'undefined-flag src/a.ts:8:20',
      'undefined-flag src/a.ts:9:20',
      'torn-method src/flags.ts:2:16',
    ],
  },
  {
    what: 'an experiment counts as asked, may not be asked at load time, and its name may be made at run time',
    files: {
      ...defined('a', { type: 'experiment' }),
      ...defined('b_1', { type: 'experiment' }),
      'src/a.ts': `${feature}await Feature.experiment('a')\nexport const f = (x) => [Feature.experiment(\`b_\${x}\`), Feature.experiment(x)]`,
    },
    faults: ['load-time src/a.ts:2:26', 'dynamic-name src/a.ts:3:75'],
  },
  {
    what: 'a flag without a definition that is asked with two types',
    files: {
      'src/a.ts': inFunction(`Feature.enabled('a', { type: 'worker' })`),
      'src/b.ts': inFunction(`Feature.enabled('a', user, { type: 'experiment' })`),
    },
    faults: ['different-types src/b.ts:3:17'],
  },
  {
    what: 'an actor of a kind that the definition does not name',
    files: {
      ...actors,
      ...defined('a', { actor: 'user' }),
      'src/a.ts': `${feature}import { User, Account, Admin } from './actors.js'\nexport function f(user: User, account: Account, admin: Admin) {\nFeature.enabled('a', user)\nFeature.enabled('a', account)\nFeature.enabled('a', admin)\nFeature.enabled('a', new Account(1))\nFeature.enabled('a', [user, { flipperId: 'Group:1' }])\nFeature.enabled('a', 'request')\nFeature.enabled('a')\n}`,
    },
    faults: [
      'wrong-actor src/a.ts:5:17',
      'wrong-actor src/a.ts:7:17',
      'wrong-actor src/a.ts:8:17',
      'wrong-actor src/a.ts:9:17',
    ],
  },
  {
    what: 'a flag that is asked for different kinds of actors',
    files: {
      ...actors,
      ...defined('a'),
      'src/a.ts': `${feature}import type { User, Account } from './actors.js'\nexport function f(user: User, account: Account) {\nFeature.enabled('a', user)\nFeature.enabled('a', account)\nFeature.enabled('a', user)\n}`,
    },
    faults: ['mixed-actors src/a.ts:5:17'],
  },
  {
    what: 'a check when the file is loaded, and a program that starts flags',
    files: {
      ...defined('a'),
      'src/a.ts': `${feature}export const on = Feature.enabled('a')`,
      'src/main.ts': `${feature}await Feature.start()\nif (Feature.enabled('a')) run()`,
    },
    faults: ['load-time src/a.ts:2:35'],
  },
  {
    what: 'a method without its object, also of an instance from another file',
    files: {
      ...defined('a'),
      'src/flags.ts': `import { createFeature } from 'sluice'\nexport const flags = createFeature()`,
      'src/a.ts': `${feature}import { flags } from './flags.js'\nexport const f = () => { const { enabled } = Feature; enabled('a') }\nexport const g = () => { const { disabled } = flags }`,
    },
    faults: ['torn-method src/a.ts:3:34', 'torn-method src/a.ts:4:34'],
  },
  {
    what: 'two flags with one camel-case form',
    files: {
      ...defined('a_1'),
      ...defined('a1'),
      'src/a.ts': inFunction(`Feature.enabled('a1'); Feature.enabled('a_1')`),
    },
    faults: ['camel-case config/feature_flags/development/a_1.yml:1:1'],
  },
  {
    what: 'a flag of ee/ that is asked outside of it',
    files: {
      ...defined('a', { ee: true }),
      'src/a.ts': inFunction(`Feature.enabled('a')`),
      'ee/src/a.ts': inFunction(`Feature.enabled('a')`),
    },
    faults: ['ee-flag src/a.ts:3:17'],
  },
  {
    what: 'functions and fields of the configuration, in sources, templates and YAML',
    files: {
      ...defined('a'),
      ...defined('b'),
      ...defined('c'),
      ...defined('d'),
      ...defined('e'),
      'src/a.ts': `import { flagOn as on } from './flags.js'\nexport const f = () => on('a') && flagOn('missing')\nexport const g = { gate: 'b' }`,
      'config/jobs.yml': 'jobs:\n  - gate: c\n  - gate: "d"\n',
      'views/page.hbs': '{{#if (flagOn "e")}}x{{/if}}',
    },
    usage: { include: ['src', 'config/*.yml', 'views/**'], calls: ['flagOn'], properties: ['gate'] },
    faults: ['undefined-flag src/a.ts:2:42'],
  },
  {
    what: 'a name that is pushed to a page, and one that only a page reads',
    files: {
      ...defined('dark_mode'),
      ...defined('new_layout'),
      'src/a.ts': `export const f = (r) => r.pushFrontendFeatureFlag('dark_mode', r.user)`,
      'src/page.js': `export const f = () => gon.features.newLayout`,
    },
    faults: [],
  },
  {
    what: 'a push of an answer that the caller has, which names no type and no actor',
    files: {
      ...actors,
      ...defined('a', { type: 'ops', actor: 'user' }),
      'src/a.ts': `import { pushForceFrontendFeatureFlag } from 'sluice/frontend'\nexport const f = (is) => {\npushForceFrontendFeatureFlag('a', is)\npushForceFrontendFeatureFlag('missing', true)\n}`,
    },
    faults: ['undefined-flag src/a.ts:4:30'],
  },
  {
    what: 'tests by the patterns of the configuration, which do not count as use',
    files: {
      ...defined('a'),
      ...defined('b'),
      'checks/a.ts': inFunction(`Feature.enabled('a')`),
      'test/b.ts': inFunction(`Feature.enabled('b')`),
    },
    usage: { tests: ['checks/**'] },
    faults: ['unused-flag config/feature_flags/development/a.yml:2:1'],
  },
  {
    what: 'a project without sources is one fault',
    files: defined('a'),
    faults: ['file .:1:1'],
  },
  {
    what: 'what is left out',
    files: {
      'dist/a.js': inFunction(`Feature.enabled('x')`),
      'node_modules/m/a.js': inFunction(`Feature.enabled('x')`),
      '.cache/a.js': inFunction(`Feature.enabled('x')`),
      'src/flags.d.ts': `declare const x: 'x'`,
      'src/gen/a.ts': inFunction(`Feature.enabled('x')`),
      'src/a.ts': '',
    },
    usage: { exclude: ['**/dist/**', 'src/gen'] },
    faults: [],
  },
]

describe('the rules find', () => {
  it.each(rows)('$what', async ({ files, faults, usage = {}, options = {} }) => {
    const usages = await usageProject(files, { ...options, usage }).read()
    expect(faultLines(usages)).toEqual(faults)
  })

  it('a flag of ee/ as unknown with FOSS_ONLY=1, and leave ee/ out', async () => {
    const files = {
      ...defined('a', { ee: true }),
      'src/a.ts': inFunction(`Feature.enabled('a')`),
      'ee/a.ts': 'syntax error',
    }
    const read = await readIn(usageProject(files).root, {}, { FOSS_ONLY: '1' })
    expect(faultLines(read)).toEqual(['ee-flag src/a.ts:3:17'])
    expect(read.faults[0]?.problem).toContain('unknown with FOSS_ONLY=1')
  })
})

const links: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
  ['a constant', { 'src/flags.ts': `export const A = 'a'`, 'src/a.ts': inFunction('Feature.enabled(A)') }],
  [
    'a member, through re-exports and a star',
    {
      'src/deep/names.ts': `export const NAMES = { one: 'a' } as const`,
      'src/deep/index.ts': `export * from './names.js'`,
      'src/flags.ts': `export { NAMES as A } from './deep'`,
      'src/a.ts': inFunction('Feature.enabled(A.one)'),
    },
  ],
  [
    'a default export',
    {
      'src/flags.ts': `export default { one: 'a' }`,
      'src/a.ts': `${feature}import F from './flags'\nexport const f = () => Feature.enabled(F.one)`,
    },
  ],
  [
    'a namespace',
    {
      'src/flags.ts': `export const A = 'a'`,
      'src/a.ts': `${feature}import * as flags from './flags'\nexport const f = () => Feature.enabled(flags.A)`,
    },
  ],
  ['an enum', { 'src/flags.ts': `export enum A { one = 'a' }`, 'src/a.ts': inFunction('Feature.enabled(A.one)') }],
  [
    'a part of the name',
    { 'src/flags.ts': `export const A = 'a'`, 'src/a.ts': inFunction(`Feature.enabled(\`\${A}\`)`) },
  ],
  [
    'CommonJS',
    {
      'src/flags.js': `module.exports = { A: 'a' }`,
      'src/a.cjs': `const { Feature } = require('sluice'); const { A } = require('./flags'); exports.f = () => Feature.enabled(A)`,
    },
  ],
  [
    'an alias of a tsconfig with comments, that extends another one',
    {
      'tsconfig.base.json': '{ "compilerOptions": { "paths": { /* ours */ "@app/*": ["./src/app/*",], } } }',
      'tsconfig.json': '{ "extends": "./tsconfig.base.json", // base\n "references": [{ "path": "./other" }] }',
      'src/app/flags.ts': `export const A = 'a'`,
      'src/a.ts': `${feature}import { A } from '@app/flags'\nexport const f = () => Feature.enabled(A)`,
    },
  ],
  [
    'another package of the repository',
    {
      'packages/names/package.json': '{ "name": "@acme/names", "main": "dist/index.js" }',
      'packages/names/src/index.ts': `export const A = 'a'`,
      'packages/app/a.ts': `${feature}import { A } from '@acme/names'\nexport const f = () => Feature.enabled(A)`,
    },
  ],
  [
    'an instance of another file',
    {
      'src/flags.ts': `import { Feature } from 'sluice'\nexport const flags = Feature`,
      'src/a.ts': `import { flags } from './flags'\nexport const f = () => flags.enabled('a')`,
    },
  ],
]

describe('a name of another file is followed through', () => {
  it.each(links)('%s', async (_what, files) => {
    const withImport = Object.entries(files).map(([path, text]) => {
      const needs = path === 'src/a.ts' && !/from '(?:\.|@)/.test(text)
      return [path, needs ? `import { A } from './flags'\n${text}` : text]
    })
    const { uses, faults } = await usageProject({ ...defined('a'), ...Object.fromEntries(withImport) }).read()
    expect(faults).toEqual([])
    expect(uses).toMatchObject([{ kind: 'check', names: ['a'], sure: true }])
  })

  it('not into an installed package that has nothing to do with flags', async () => {
    const files = (manifest: string) => ({
      ...defined('a'),
      'node_modules/debug/package.json': manifest,
      'src/a.ts': `import debug from 'debug'\nexport const f = () => debug.enabled('a')`,
    })
    expect((await usageProject(files('{ "name": "debug" }')).read()).uses).toEqual([])
    const wrapper = '{ "name": "debug", "dependencies": { "sluice": "1.0.0" } }'
    expect((await usageProject(files(wrapper)).read()).uses).toMatchObject([{ names: ['a'], sure: false }])
  })
})
