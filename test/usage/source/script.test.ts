// What one script says about flags: snippets, and the uses that are found in each.
import { beforeAll, describe, expect, it } from 'vitest'
import type { FoundUse } from '../../../lib/usage/facts.js'
import { usageSettings } from '../../../lib/usage/settings.js'
import { loadReader, type SourceReader } from '../../../lib/usage/source/reader.js'
import type { Term } from '../../../lib/usage/source/values.js'

let reader: SourceReader

beforeAll(async () => {
  reader = await loadReader(usageSettings({ calls: ['isOn', 'ask.on'] }), new Set(['.vue', '.svelte']))
})

/** `kind:names`, `!` for a call of ours for certain, the link that tells it, the type, `eager`. */
function shown({ kind, terms, sure, type, eager }: FoundUse): string {
  const receiver =
    sure === true ? '!' : sure === false ? '' : `@${sure.is === 'link' ? termShown([sure.link]) : sure.is}`
  const typed = type === null ? '' : ` ${type.map(termShown).join('|')}`
  return `${kind}:${terms.map(termShown).join(',')}${receiver}${typed}${eager ? ' eager' : ''}`
}

function termShown(term: Term): string {
  return term
    .map((part) =>
      part === null ? '*' : typeof part === 'string' ? part : `${part.from}#${part.name}${part.then.join('')}`,
    )
    .join('')
}

const feature = `import { Feature } from 'sluice';`

const snippets: readonly (readonly [code: string, uses: readonly string[], file?: string])[] = [
  // Instances.
  [`${feature} const f = () => Feature.enabled('a')`, ['check:a!']],
  [
    `import { Feature as Flags } from 'sluice'; const f = () => Flags.disabled('a', u, { type: 'ops' })`,
    ['check:a! ops'],
  ],
  [`import * as S from 'sluice'; const f = () => S.Feature.decide('a')`, ['check:a!']],
  [
    `import { createFeature } from 'sluice'; const f = createFeature(); export const g = () => f.enabled('a')`,
    ['check:a!'],
  ],
  [
    `import type { FeatureFlags } from 'sluice'; class A { constructor(private readonly features: FeatureFlags) {} x() { return this.features.enabled('a') } }`,
    ['check:a!'],
  ],
  [`${feature} class A { features = Feature; x() { return this.features.enabled('a') } }`, ['check:a!']],
  [`class A { x() { return this.features.enabled('a') } }`, ['check:a']],
  [
    `import type { FeatureFlags } from 'sluice'; export function r({ features, db }: { features: FeatureFlags; db: X }) { return features.enabled('a') }`,
    ['check:a!'],
  ],
  [`${feature} export const f = () => Feature?.enabled('a')`, ['check:a!']],
  [
    `import { features } from './features.js'; export const f = () => features.enabled('a')`,
    ['check:a@./features.js#features'],
  ],
  [`const { Feature } = require('sluice'); const f = () => Feature.enabled('a')`, ['check:a!'], 'a.cjs'],
  [`import sluice = require('sluice'); const f = () => sluice.Feature.enabled('a')`, ['check:a!'], 'a.cts'],
  [`const f = async () => (await import('sluice')).Feature.enabled('a')`, ['check:a!']],
  [
    `${feature} class A { constructor() { this.flags = Feature } x() { return this.flags.enabled('a') } }`,
    ['check:a!'],
    'a.js',
  ],
  [
    `import { createFeature } from 'sluice'; let f; function s() { f = createFeature() } const g = () => f.enabled('a')`,
    ['check:a!'],
  ],
  [
    `import type { FeatureFlags } from 'sluice'; interface Deps { flags: FeatureFlags } const f = (deps: Deps) => deps.flags.enabled('a')`,
    ['check:a!'],
  ],
  [`${feature} const f = (flags = Feature) => flags.enabled('a')`, ['check:a!']],
  [`${feature} const f = (own?: typeof Feature) => (own ?? Feature).enabled('a')`, ['check:a!']],
  [`${feature} class B { f = Feature } class C extends B { x() { return this.f.enabled('a') } }`, ['check:a!']],
  [`${feature} const on = Feature.enabled.bind(Feature); const f = () => on('a')`, ['check:a!']],
  // Names.
  [`${feature} const FLAG = 'a'; export const f = () => Feature.enabled(FLAG)`, ['check:a!']],
  [`${feature} const F = { one: 'a', two: 'b' } as const; export const f = () => Feature.enabled(F.one)`, ['check:a!']],
  [
    `${feature} const F = { one: 'a', two: 'b' } as const; export const f = (k) => Feature.enabled(F[k])`,
    ['check:a,b!'],
  ],
  [
    `${feature} const L = ['a', 'b'] as const; export const f = () => L.every((n) => Feature.enabled(n))`,
    ['check:a,b!'],
  ],
  [
    `${feature} export const f = () => { for (const n of ['a', 'b']) if (Feature.enabled(n)) return n }`,
    ['check:a,b!'],
  ],
  [
    `${feature} export const f = (x) => Feature.enabled(\`defer_\${x}\`, { type: "worker" })`,
    ['check:defer_*! worker'],
  ],
  [`${feature} export const f = (x) => Feature.enabled(\`a_\${x}_b\`)`, ['check:a_*_b!']],
  [`${feature} export const f = (x) => Feature.enabled(x ? 'a' : 'b')`, ['check:a,b!']],
  [`${feature} export const f = (x) => Feature.enabled('a_' + x)`, ['check:a_*!']],
  [`${feature} export const f = (x: string) => Feature.enabled(x)`, ['check:*!']],
  [`${feature} export const f = (x: 'a' | 'b') => Feature.enabled(x)`, ['check:a,b!']],
  [
    `${feature} const F = { x: 'a' } as const; export const f = (x: (typeof F)[keyof typeof F]) => Feature.enabled(x)`,
    ['check:a!'],
  ],
  [
    `${feature} const F = { a: 1, b: 2 }; export const f = () => Object.keys(F).filter((n) => Feature.enabled(n))`,
    ['check:a,b!'],
  ],
  [
    `import { FLAG } from './flags.js'; ${feature} export const f = () => Feature.enabled(FLAG)`,
    ['check:./flags.js#FLAG!'],
  ],
  [
    `import { FLAGS } from './flags.js'; ${feature} export const f = () => Feature.enabled(FLAGS.dark)`,
    ['check:./flags.js#FLAGS.dark!'],
  ],
  [`enum E { A = 'a' } ${feature} export const f = () => Feature.enabled(E.A)`, ['check:a!']],
  [`${feature} class A { static readonly FLAG = 'a'; x() { return Feature.enabled(A.FLAG) } }`, ['check:a!']],
  [`${feature} const A = B; const B = A; export const f = () => Feature.enabled(A)`, ['check:*!']],
  // Languages.
  [`${feature} const A = <T,>(x: T) => <b>{Feature.enabled('a') && x}</b>`, ['check:a!'], 'a.tsx'],
  [`${feature} export const f = (x: string): boolean => Feature.enabled('a')`, ['check:a!'], 'a.mts'],
  [`${feature} export const f = () => Feature.enabled('a')`, ['check:a!'], 'a.mjs'],
  // Types.
  [`${feature} const OPS = { type: 'ops' } as const; const f = (u) => Feature.enabled('a', u, OPS)`, ['check:a! ops']],
  [`${feature} const OPS = { type: 'ops' } as const; const f = () => Feature.enabled('a', OPS)`, ['check:a! ops']],
  [`${feature} const f = (options) => Feature.enabled('a', options)`, ['check:a! *']],
  [`${feature} const f = (...rest) => Feature.enabled('a', ...rest)`, ['check:a! *']],
  [`${feature} const f = () => Feature.enabled('a', { flipperId: 'User:1' })`, ['check:a!']],
  // When it runs.
  [`${feature} export const on = Feature.enabled('a')`, ['check:a! eager']],
  [`${feature} class A { static on = Feature.enabled('a') }`, ['check:a! eager']],
  [`${feature} class A { on = Feature.enabled('a') }`, ['check:a!']],
  [`${feature} await Feature.start(); if (Feature.enabled('a')) run()`, ['check:a!']],
  // Methods without their object.
  [`${feature} const { enabled } = Feature`, ['torn:enabled!']],
  [`${feature} const on = (names) => names.filter(Feature.enabled)`, ['torn:enabled!']],
  // Functions and fields.
  [`isOn('a')`, ['call:a! *']],
  [`class A { x() { return this.ask.on('a') } }`, ['call:a! *']],
  [`import { isOn as on } from './on.js'; on('a')`, ['call:a! *']],
  [`${feature} export function isOn(name) { return Feature.enabled(name) }`, []],
  [
    `import { pushFrontendFeatureFlag as push } from 'sluice/frontend'; const f = (r) => push('a', r.user)`,
    ['push:a!'],
  ],
  [`const f = (r) => { r.pushFrontendFeatureFlag('a') }`, ['push:a!']],
  [
    `import { createFrontend } from 'sluice/frontend'; const { pushFrontendFeatureFlag: push } = createFrontend(x); const f = () => push('a', u)`,
    ['push:a!'],
  ],
  [
    `import { pushForceFrontendFeatureFlag as push } from 'sluice/frontend'; const f = (r) => push('a', r.isNew)`,
    ['forced-push:a!'],
  ],
  [`field('x', { featureFlag: 'a', type: 1 })`, ['property:a']],
  [`const x = <Gate featureFlag="a" feature_flag={'b'} />`, ['property:a', 'property:b'], 'a.jsx'],
  [
    `const f = () => glFeatures.darkMode && this.glFeatures.newLayout && window.gon.features.oldOne`,
    ['frontend:darkMode', 'frontend:newLayout', 'frontend:oldOne'],
  ],
  [`const f = () => { const { darkMode } = gon.features }`, ['frontend:darkMode']],
  [
    `import { stubFeatureFlags } from 'sluice/testing'; stubFeatureFlags({ a: false, b: project })`,
    ['stub:a!', 'stub:b!'],
  ],
  [`${feature} await Feature.enable('a', p)`, ['write:a!']],
  [
    `${feature} await Feature.restore('a', '2h'); await Feature.preview('a', [{ set: true }])`,
    ['write:a!', 'write:a!'],
  ],
  [`backups.restore('a', '2h'); page.preview('a')`, []],
  [`${feature} const f = () => Feature.get('a')`, ['read:a!']],
  // None of ours, or not for certain.
  [`log.enabled(level)`, []],
  [`import debug from 'debug'; const f = () => debug.enabled('a')`, ['check:a@debug#default']],
  [`const m = new Map(); m.get('a')`, []],
  [`import { Feature } from './model.js'; const f = () => Feature.enabled(x)`, []],
  [`const f = () => button.disabled('yes')`, ['check:yes']],
  [`import { Feature } from 'geojson'; const f = () => Feature.enabled('a')`, ['check:a@geojson#Feature']],
  [`${feature} { const Feature = other(); Feature.enabled(x) }`, []],
  [`const Feature = { enabled: (x) => x }; Feature.enabled('a')`, []],
  [`const s = 'text'; s.enabled('a'); [1].disabled('a')`, []],
  [`features.enabled('x')`, ['check:x eager']],
  // Components: nothing in them runs when the file is loaded, except in a plain script.
  [
    `<script setup lang="ts">\n${feature}\nconst on = Feature.enabled('a')\n</script>\n<template><p v-if="Feature.enabled('b')">{{ glFeatures.darkMode }}</p></template>`,
    ['check:a!', 'check:b!', 'frontend:darkMode'],
    'a.vue',
  ],
  [
    `<template><p :class="{ a: Feature.enabled('a'), b: 1 }" @click="x = 1; Feature.enabled('b')" v-for="n in ['c', 'd']" v-slot="{ q }">{{ Feature.enabled('e') }}</p></template>\n<script>\n${feature}\nexport const x = Feature.enabled('f')\n</script>`,
    ['check:a!', 'check:b!', 'check:e!', 'check:f! eager'],
    'a.vue',
  ],
  [
    `<script lang="ts">${feature} const on: boolean = Feature.enabled('a')</script>\n{#if Feature.enabled('b')}<p class={Feature.enabled('c') ? 'x' : 'y'}>{Feature.enabled('d')}</p>{/if}{#each LIST as n}{@const q = Feature.enabled('e')}{q}{/each}`,
    ['check:a!', 'check:b!', 'check:c!', 'check:d!', 'check:e!'],
    'a.svelte',
  ],
  [`<script module>${feature} export const on = Feature.enabled('a')</script>`, ['check:a! eager'], 'a.svelte'],
]

describe('a script', () => {
  const cases = snippets.map(([code, uses, file = 'a.ts']) => ({ code, uses, file }))

  it.each(cases)('$file: $code', ({ code, uses, file }) => {
    const facts = reader.read(file, code)
    expect({ uses: facts.uses.map(shown), faults: facts.faults }).toEqual({ uses, faults: [] })
  })

  it.each([
    ['\n', 3],
    ['\r\n', 3],
    ['\r', 3],
  ])('counts lines that end in %j', (end, line) => {
    const code = [feature, '/* 😀 */', `const f = () => /* 😀 */ Feature.enabled('a')`].join(end)
    expect(reader.read('a.ts', code).uses).toMatchObject([{ line, column: 42 }])
  })

  it('counts the lines of a file with mixed line ends', () => {
    const code = `${feature}\r\n\n\r// x\rconst f = () => Feature.enabled('a')`
    expect(reader.read('a.ts', code).uses).toMatchObject([{ line: 5, column: 33 }])
  })

  it('with a syntax error has no uses, and names what it quotes', () => {
    const facts = reader.read('a.ts', `${feature}\nconst f = = 'dark_mode'`)
    expect(facts).toMatchObject({ uses: [], quoted: ['sluice', 'dark_mode'], faults: [{ line: 2, column: 11 }] })
  })

  it('of Svelte is searched for names in quotes where its compiler is not there', async () => {
    const without = await loadReader(usageSettings({}), new Set())
    const code = `<script>${feature} const on = Feature.enabled('dark_mode')</script>`
    expect(without.read('a.svelte', code)).toMatchObject({ uses: [], quoted: ['sluice', 'dark_mode'], faults: [] })
  })

  it('of plain JavaScript may hold types and old code', () => {
    expect(reader.read('a.js', `with (x) { Feature.enabled('a') }`).faults).toEqual([])
    expect(reader.read('a.js', `const f = (x: string) => x`).faults).toEqual([])
  })
})
