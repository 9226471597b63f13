// A made project with known faults of every rule among code that is right: all of them are found, and no other. `npm test` makes a few
// hundred files; SLUICE_USAGE_FILES=5000 as many as a large application has.
import { expect, it } from 'vitest'
import { type Random, seededRandom } from '../support/random.js'
import { defined, faultLines, readIn, usageProject } from './project.js'

const fileCount = Number(process.env['SLUICE_USAGE_FILES'] ?? 300)

/** `¦` stands before what a fault points at: the rules in the order of the marks. */
interface Piece {
  readonly code: (name: string) => string
  readonly rules?: readonly string[]
  /** What is defined for it, by the name of the flag. */
  readonly define?: (name: string) => Readonly<Record<string, string>>
  /** Faults of definitions, by the end of their line. */
  readonly elsewhere?: (name: string) => readonly string[]
  /** The configuration permits the flag to be unused. */
  readonly permitted?: boolean
}

const one = (name: string) => defined(name)
const actors = `import { User, Project } from '../actors.js'`
const pieces: readonly Piece[] = [
  // Right.
  { code: () => `export const sum = (a: number, b: number) => a + b` },
  { code: (n) => `export const f${n} = () => Feature.enabled('${n}')`, define: one },
  { code: (n) => `const NAME = '${n}'\nexport const f${n} = (user) => Feature.disabled(NAME, user)`, define: one },
  {
    code: (n) => `export const f${n} = (x) => Feature.enabled(\`${n}_\${x}\`)`,
    define: (n) => ({ ...defined(`${n}_a`), ...defined(`${n}_b`) }),
  },
  { code: (n) => `export const f${n} = () => Feature.enabled('${n}', { type: 'worker' })` },
  {
    code: (n) => `export const f${n} = (user) => Feature.decide('${n}', user, { type: 'ops' })`,
    define: (n) => defined(n, { type: 'ops' }),
  },
  {
    code: (n) =>
      `export class C${n} { constructor(private readonly flags: FeatureFlags) {}\n  get on() { return this.flags.enabled('${n}') } }`,
    define: one,
  },
  { code: (n) => `export const f${n} = { featureFlag: '${n}' }`, define: one },
  { code: (n) => `export const f${n} = (res) => res.pushFrontendFeatureFlag('${n}', res.user)`, define: one },
  {
    code: (n) => `export const f${n} = () => gon.features.${n.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())}`,
    define: one,
  },
  {
    code: (n) => `${actors}\nexport const f${n} = (user: User) => Feature.enabled('${n}', user)`,
    define: (n) => defined(n, { actor: 'user' }),
  },
  { code: (n) => `export const f${n} = (panel) => panel.enabled('${n}_not_ours')` },
  { code: (n) => `export const f${n} = (Feature) => Feature.enabled(${n.length})` },
  { code: () => '', define: one, permitted: true },
  {
    code: (n) => `export const f${n} = (isOn) => pushForceFrontendFeatureFlag('${n}', isOn)`,
    define: (n) => defined(n, { type: 'ops' }),
  },
  // Wrong.
  { code: (n) => `export const f${n} = () => Feature.enabled(¦'${n}')`, rules: ['undefined-flag'] },
  { code: (n) => `export const f${n} = (user) => flags.enable(¦'${n}', user)`, rules: ['undefined-flag'] },
  { code: () => '', define: one, elsewhere: (n) => [`unused-flag config/feature_flags/development/${n}.yml:2:1`] },
  {
    code: (n) => `export const f${n} = () => Feature.enabled('${n}')`,
    define: one,
    permitted: true,
    elsewhere: (n) => [`allow-unused config/feature_flags/development/${n}.yml:1:1`],
  },
  {
    code: (n) => `export const f${n} = () => Feature.enabled(¦'${n}')`,
    rules: ['wrong-type'],
    define: (n) => defined(n, { type: 'ops' }),
  },
  {
    code: (n) =>
      `export const f${n} = () => Feature.enabled('${n}', { type: 'worker' })\nexport const g${n} = () => Feature.enabled(¦'${n}', { type: 'experiment' })`,
    rules: ['different-types'],
  },
  {
    code: (n) => `${actors}\nexport const f${n} = (project: Project) => Feature.enabled(¦'${n}', project)`,
    rules: ['wrong-actor'],
    define: (n) => defined(n, { actor: 'user' }),
  },
  {
    code: (n) =>
      `${actors}\nexport const f${n} = (project: Project) => Feature.enabled('${n}', project)\nexport const g${n} = (user: User) => Feature.enabled(¦'${n}', user)`,
    rules: ['mixed-actors'],
    define: one,
  },
  { code: (n) => `export const on${n} = Feature.enabled(¦'${n}')`, rules: ['load-time'], define: one },
  {
    code: (n) => `export const f${n} = () => { const { ¦enabled: on } = flags; return on('${n}') }`,
    rules: ['torn-method'],
    define: one,
  },
  {
    code: (n) => `export const f${n} = () => Feature.enabled(¦'${n}')`,
    rules: ['ee-flag'],
    define: (n) => defined(n, { ee: true }),
  },
  { code: (n) => `export const f${n} = (x) => Feature.enabled(¦\`${n}_\${x}_end\`)`, rules: ['dynamic-name'] },
  { code: (n) => `export const f${n} = ¦= () => Feature.enabled('${n}')`, rules: ['syntax'], define: one },
  {
    code: (n) => `export const f${n} = () => Feature.enabled('${n}x_1') || Feature.enabled('${n}x1')`,
    define: (n) => ({ ...defined(`${n}x_1`), ...defined(`${n}x1`) }),
    elsewhere: (n) => [`camel-case config/feature_flags/development/${n}x_1.yml:1:1`],
  },
]

const head = `import { Feature, type FeatureFlags } from 'sluice'\nimport { flags } from '../flags.js'`

function makeProject(random: Random) {
  const files: Record<string, string> = {
    'src/flags.ts': `import { createFeature } from 'sluice'\nexport const flags = createFeature()`,
    'src/actors.ts': `import { FeatureGate } from 'sluice'\nexport class User extends FeatureGate('User') {}\nexport class Project extends FeatureGate('Project') {}`,
  }
  files['src/large.ts'] = `${'// A table of a million bytes.\n'.repeat(40_000)}`
  const expected = ['file src/large.ts:1:1']
  const allowUnused: Record<string, string> = {}
  for (let index = 0; index < fileCount; index++) {
    const name = `flag_${random.pick(['x', 'y', 'z'])}_n${index}`
    // Every piece at least once, then by chance.
    const piece = pieces[index] ?? random.pick(pieces)
    const path = `src/${random.pick(['one', 'two'])}/file_${index}.ts`
    const filler = `export const filler = { a: ${index}, button: (b) => b.disabled }\n`.repeat(random.below(30))
    const end = random.pick(['\n', '\r\n'])
    const lines = `${head}\n${filler}${piece.code(name)}`.split('\n')
    for (const [row, line] of lines.entries()) {
      const column = line.indexOf('¦')
      if (column >= 0) expected.push(`${piece.rules?.[0]} ${path}:${row + 1}:${column + 1}`)
    }
    files[path] = lines.join(end).replaceAll('¦', '')
    Object.assign(files, piece.define?.(name))
    expected.push(...(piece.elsewhere?.(name) ?? []))
    if (piece.permitted === true) allowUnused[name] = 'it is asked from the next release on'
  }
  return { files, expected, usage: { allowUnused } }
}

it('each known fault is found, and no other, without the cache and with it', async () => {
  const { files, expected, usage } = makeProject(seededRandom())
  const { root } = usageProject(files)
  const before = performance.now()
  const first = await readIn(root, { usage })
  const between = performance.now()
  const second = await readIn(root, { usage })
  const after = performance.now()
  if (fileCount > 1_000)
    console.log(`${fileCount} files: ${(between - before).toFixed(0)} ms, then ${(after - between).toFixed(0)} ms`)
  expect([...faultLines(first)].sort()).toEqual(expected.sort())
  expect(second.faults).toEqual(first.faults)
  const rules = new Set(first.faults.map(({ rule }) => rule))
  expect(rules.size).toBe(14)
})
