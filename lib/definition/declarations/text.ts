// The text of the file that `types` writes: what the compiler of an application is told of the flags. A pure function of the definitions.
import { ActorClasses, type RegisteredClass } from '../../actors/classes.js'
import { classOfKind } from '../../actors/declared-kinds.js'
import { usualPattern } from '../../actors/id-pattern.js'
import { camelCase } from '../camel-case.js'
import type { Definition } from '../definition.js'
import type { FlagTypes } from '../rules/rules.js'
import { defaultTypeName } from '../types.js'

/** The first line: a file that begins otherwise was written by a person. */
export const firstLine = '// Written by `bin/feature-flag types` from the definitions of the flags; do not edit.'

export interface Declared {
  readonly definitions: Iterable<Definition>
  readonly types: FlagTypes
  readonly classes: ReadonlyMap<string, RegisteredClass> | null
  /** Whether a flag is past the lifetime of its type. */
  readonly isStale: (definition: Definition) => boolean
}

/** The file's text; the order of the definitions does not matter. */
export function declarationText({ definitions, types, classes, isStale }: Declared): string {
  const kinds = new Kinds(classes)
  const sorted = [...definitions].sort((a, b) => (a.name < b.name ? -1 : 1))
  const flags = sorted.flatMap((one) => entryOf(one, kinds, isStale(one)))
  const optional = [...types.values()].filter(({ name, optional }) => optional && !builtInOptional.has(name))
  const parts = [
    ['FlagNames', flags],
    ['OptionalFlagTypes', optional.map(({ name }) => `${keyOf(name)}: true`)],
    ['FrontendFlagNames', frontendNames(sorted)],
  ] as const
  const lines = parts.flatMap(([name, members]) =>
    members.length === 0 ? [] : [`  interface ${name} {`, ...members.map((line) => `    ${line}`), '  }'],
  )
  return `${[...head, "declare module 'sluice' {", ...lines, '}'].join('\n')}\n`
}

/** The flags that a text of this kind marks as stale. */
export function staleIn(text: string): ReadonlySet<string> {
  const marked = text.matchAll(/^ {4}'?(\w+)'?: DeclaredFlag<.*, true>$/gm)
  return new Set([...marked].map(([, name = '']) => name))
}

const head = [
  firstLine,
  '// biome-ignore-all format: written by a program',
  '// biome-ignore-all lint: written by a program',
  '/* eslint-disable */',
  "import type { DeclaredFlag } from 'sluice'",
  '',
]

/** These need no mention: the package's own types name them. */
const builtInOptional: ReadonlySet<string> = new Set(['experiment', 'worker', 'undefined'])
const longestComment = 300

function entryOf(definition: Definition, kinds: Kinds, stale: boolean): readonly string[] {
  const { name, type, actor } = definition
  const kind = actor === null ? 'string' : kinds.union(actor)
  const given = stale
    ? [textOf(type), kind, 'true']
    : kind !== 'string'
      ? [textOf(type), kind]
      : type === defaultTypeName
        ? []
        : [textOf(type)]
  const flag = given.length === 0 ? 'DeclaredFlag' : `DeclaredFlag<${given.join(', ')}>`
  return [`/** ${commentOf(definition, stale)} */`, `${keyOf(name)}: ${flag}`]
}

function commentOf({ description, type, group, defaultEnabled }: Definition, stale: boolean): string {
  const facts = [type, ...(group === null ? [] : [group]), `${defaultEnabled ? 'on' : 'off'} by default`].join(', ')
  const said = description === null ? '' : `${cut(description)} `
  // Nothing in it may end the comment, begin a tag or hide a character.
  const text = `${said}${facts}.`
    .replace(/[\s\p{C}\u2028\u2029]+/gu, ' ')
    .replaceAll('*/', '*\\/')
    .replace(/(^|\s)@/g, '$1\\@')
  return `${text.trim()}${stale ? ' @deprecated past the lifetime of its type' : ''}`
}

function cut(description: string): string {
  const characters = [...description.trim()]
  const text =
    characters.length <= longestComment ? characters.join('') : `${characters.slice(0, longestComment).join('')}…`
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

/** `darkMode: 'dark_mode'`, as pages get flags. Of two names with one form, both stand there. */
function frontendNames(definitions: readonly Definition[]): readonly string[] {
  const names = new Map<string, string[]>()
  for (const { name } of definitions) names.set(camelCase(name), [...(names.get(camelCase(name)) ?? []), name])
  return [...names].map(([camel, flags]) => `${keyOf(camel)}: ${flags.map(textOf).join(' | ')}`)
}

/** Kinds as the types name them: a class, the form of its ids where it is another than usual, or a special actor. */
class Kinds {
  readonly #classes: ActorClasses
  readonly #texts = new Map<string, string>()

  constructor(registered: ReadonlyMap<string, RegisteredClass> | null) {
    this.#classes = new ActorClasses(registered)
  }

  union(kinds: readonly string[]): string {
    return kinds.map((kind) => this.#textOf(kind)).join(' | ')
  }

  #textOf(kind: string): string {
    const known = this.#texts.get(kind)
    if (known !== undefined) return known
    const className = classOfKind(kind, this.#classes)
    const pattern = this.#classes.pattern(className).text
    const isSpecial = kind === 'request' || kind === 'pod' || kind === 'instance'
    const text = textOf(isSpecial ? kind : pattern === usualPattern(className).text ? className : pattern)
    this.#texts.set(kind, text)
    return text
  }
}

function keyOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : textOf(name)
}

function textOf(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}
