// The text of the file of declared flags.
import { expect, it } from 'vitest'
import { camelCase } from '../../../lib/definition/camel-case.js'
import { type Declared, declarationText, staleIn } from '../../../lib/definition/declarations/text.js'
import type { Definition } from '../../../lib/definition/definition.js'
import { builtInTypes, withTypes } from '../../../lib/definition/types.js'
import { definition } from '../../support/definition.js'

function textOf(definitions: readonly Definition[], rules: Partial<Declared> = {}): string {
  return declarationText({ definitions, types: builtInTypes, classes: null, isStale: () => false, ...rules })
}

/** The two lines of the only flag. */
function entryOf(fields: Partial<Definition>, rules: Partial<Declared> = {}): string {
  const text = textOf([{ ...definition('a_flag', false), ...fields }], rules)
  return text
    .split('\n')
    .slice(8, 10)
    .map((line) => line.trim())
    .join('\n')
}

it('tells of each flag what its definition says, sorted by name, and the names that pages have', () => {
  const flags = [
    { ...definition('dark_mode', false), description: 'Draws pages in light text', group: 'group::x', actor: ['user'] },
    { ...definition('2fa', true), type: 'ops' },
    { ...definition('banner', false), type: 'beta', actor: ['project', 'request'] },
  ]
  const types = withTypes({
    markdown_cache: { description: 'Names of caches', optional: true },
    strict_type: { description: 'x' },
  })
  const isStale = ({ name }: Definition) => name === 'banner'
  expect(textOf(flags, { types, classes: new Map([['User', { id: 'User;{id}' }]]), isStale })).toBe(
    `// Written by \`bin/feature-flag types\` from the definitions of the flags; do not edit.
// biome-ignore-all format: written by a program
// biome-ignore-all lint: written by a program
/* eslint-disable */
import type { DeclaredFlag } from 'sluice'

declare module 'sluice' {
  interface FlagNames {
    /** ops, on by default. */
    '2fa': DeclaredFlag<'ops'>
    /** beta, off by default. @deprecated past the lifetime of its type */
    banner: DeclaredFlag<'beta', 'Project' | 'request', true>
    /** Draws pages in light text. development, group::x, off by default. */
    dark_mode: DeclaredFlag<'development', 'User;{id}'>
  }
  interface OptionalFlagTypes {
    markdown_cache: true
  }
  interface FrontendFlagNames {
    '2fa': '2fa'
    banner: 'banner'
    darkMode: 'dark_mode'
  }
}
`,
  )
})

it.each([
  ['any actor', {}, 'DeclaredFlag'],
  ['a stale flag', {}, "DeclaredFlag<'development', string, true>", true],
  ['a class of its own', { actor: ['Billing::Account'] }, "DeclaredFlag<'development', 'Billing::Account'>"],
  ['an endpoint', { actor: ['endpoint'] }, "DeclaredFlag<'development', 'FlipperEndpoint'>"],
  ['special actors', { actor: ['pod', 'instance'] }, "DeclaredFlag<'development', 'pod' | 'instance'>"],
] as const)('names %s', (_what, fields, type, stale: boolean = false) => {
  expect(entryOf(fields, { isStale: () => stale }).split('\n')[1]).toBe(`a_flag: ${type}`)
})

it('keeps a description from ending the comment, beginning a tag or hiding a character', () => {
  const description = 'Ends */ here,\n@deprecated really, mail me@example.com \u202e\u0007 @see x'
  expect(entryOf({ description })).toBe(
    '/** Ends *\\/ here, \\@deprecated really, mail me@example.com \\@see x. development, off by default. */\na_flag: DeclaredFlag',
  )
})

it('escapes what a pattern of ids may hold', () => {
  const classes = new Map([['Account', { id: "o'brien\\{id}" }]])
  expect(entryOf({ actor: ['Account'] }, { classes })).toContain("DeclaredFlag<'development', 'o\\'brien\\\\{id}'>")
})

it('cuts a long description', () => {
  const [comment = ''] = entryOf({ description: `${'x'.repeat(5_000)}` }).split('\n')
  expect(comment.length).toBeLessThan(400)
  expect(comment).toContain('x… development')
})

it('has both flags where two have one form in pages', () => {
  expect(camelCase('a_1')).toBe(camelCase('a1'))
  expect(textOf([definition('a_1', false), definition('a1', false)])).toContain("    a1: 'a1' | 'a_1'\n")
})

it('says nothing where there are no flags, so that any name is fine', () => {
  expect(textOf([])).toMatch(/declare module 'sluice' \{\n\}\n$/)
})

it('is read back for the flags that it marks as stale', () => {
  const flags = ['a_flag', '2fa', 'other'].map((name) => definition(name, false))
  expect([...staleIn(textOf(flags, { isStale: ({ name }) => name !== 'other' }))]).toEqual(['2fa', 'a_flag'])
})

it('is written for 10,000 flags within a moment', () => {
  const flags = Array.from({ length: 10_000 }, (_, index) => ({
    ...definition(`flag_${index}`, false),
    actor: ['user'],
  }))
  expect(textOf(flags).match(/DeclaredFlag</g)?.length).toBe(10_000)
})
