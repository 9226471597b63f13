// Which files a tsconfig includes: with comments, extends and references.
import { expect, it } from 'vitest'
import { includedBy } from '../../../lib/definition/declarations/tsconfig.js'
import { makeRoot } from '../../support/project.js'

it.each([
  ['no fields: all below it', { 'tsconfig.json': '{}' }, 'src/flags.d.ts', true],
  [
    'comments, a comma before an end and a byte order mark',
    { 'tsconfig.json': '\ufeff{\n // "include": ["no"],\n /* x */ "include": ["src", ],\n}' },
    'src/flags.d.ts',
    true,
  ],
  ['a // inside of a text', { 'tsconfig.json': '{ "x": "http://y", "include": ["src"] }' }, 'src/flags.d.ts', true],
  ['another folder', { 'tsconfig.json': '{ "include": ["src"] }' }, 'config/flags.d.ts', false],
  ['a pattern', { 'tsconfig.json': '{ "include": ["config/**/*.d.ts"] }' }, 'config/a/flags.d.ts', true],
  ['a pattern of one folder', { 'tsconfig.json': '{ "include": ["config/*"] }' }, 'config/flags.d.ts', true],
  ['a pattern of other names', { 'tsconfig.json': '{ "include": ["src/**/*.tsx"] }' }, 'src/flags.d.ts', false],
  ['the file itself', { 'tsconfig.json': '{ "files": ["flags.d.ts"] }' }, 'flags.d.ts', true],
  ['other files', { 'tsconfig.json': '{ "files": ["main.ts"] }' }, 'flags.d.ts', false],
  ['excluded', { 'tsconfig.json': '{ "include": ["src"], "exclude": ["src/flags.d.ts"] }' }, 'src/flags.d.ts', false],
  ['packages, which are excluded by themselves', { 'tsconfig.json': '{}' }, 'node_modules/flags.d.ts', false],
  [
    'what it extends, relative to where it is written',
    {
      'tsconfig.json': '{ "extends": "./base/tsconfig.base" }',
      'base/tsconfig.base.json': '{ "include": ["../src"] }',
    },
    'src/flags.d.ts',
    true,
  ],
  [
    'several bases, of which the last counts',
    {
      'tsconfig.json': '{ "extends": ["./a.json", "./b.json"] }',
      'a.json': '{ "include": ["src"] }',
      'b.json': '{ "include": ["lib"] }',
    },
    'src/flags.d.ts',
    false,
  ],
  [
    'a base of a package',
    { 'tsconfig.json': '{ "extends": "@tsconfig/x/tsconfig.json", "include": ["src"] }' },
    'src/flags.d.ts',
    true,
  ],
  [
    'the folder of the configuration',
    { 'tsconfig.json': '{ "extends": "./base.json" }', 'base.json': '{ "include": ["$\u007bconfigDir}/src"] }' },
    'src/flags.d.ts',
    true,
  ],
  [
    'references',
    {
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./app" }, { "path": "./configs/lib.json" }] }',
      'configs/lib.json': '{ "include": ["../src"] }',
    },
    'src/flags.d.ts',
    true,
  ],
  [
    'references in a circle',
    { 'tsconfig.json': '{ "files": [], "references": [{ "path": "." }], "extends": "./tsconfig.json" }' },
    'src/flags.d.ts',
    false,
  ],
  [
    'a configuration beside the file',
    { 'tsconfig.json': '{ "files": [] }', 'src/tsconfig.json': '{}' },
    'src/flags.d.ts',
    true,
  ],
  ['a configuration of another name', { 'tsconfig.app.json': '{ "include": ["src"] }' }, 'src/flags.d.ts', true],
  ['what is no JSON', { 'tsconfig.json': '{ include: src }' }, 'src/flags.d.ts', false],
  ['none', {}, 'src/flags.d.ts', false],
] as const)('a tsconfig with %s', (_what, files, file, included) => {
  const root = makeRoot({ ...files, 'src/main.ts': '' })
  expect(includedBy(root, file).found).toBe(included)
})

it('names the configurations that were looked at', () => {
  const root = makeRoot({
    'tsconfig.json': '{ "files": [], "references": [{ "path": "app" }] }',
    'app/tsconfig.json': '{}',
  })
  expect(includedBy(root, 'src/flags.d.ts').looked).toEqual(['tsconfig.json', 'app/tsconfig.json'])
})
