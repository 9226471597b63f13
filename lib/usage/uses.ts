// The uses of all files, with what other files say about them: which flags each names, whether its object is surely ours, of which type and
// for which kind of actor it asks.
import type { FileFacts, FoundUse, UseKind } from './facts.js'
import type { Linker } from './link.js'
import { isOptions, typeIn } from './source/call-arguments.js'
import { gateKind } from './source/class-values.js'
import type { Term, Value } from './source/values.js'

export interface Use {
  readonly kind: UseKind
  /** Relative to the root, with forward slashes. */
  readonly file: string
  /** Both count from 1. */
  readonly line: number
  readonly column: number
  /** Whether it is a call of ours for certain. Otherwise it marks a defined flag as used, and says nothing about an unknown one. */
  readonly sure: boolean
  /** The flags that it names. */
  readonly names: readonly string[]
  /** The beginnings of the names that it makes at run time. */
  readonly prefixes: readonly string[]
  /** Names in camel case, as a page reads them. */
  readonly camelNames: readonly string[]
  /** Whether it makes names that have no single literal beginning, and what of them is literal. */
  readonly dynamic: readonly string[]
  /** The type of the call; null where it names none, `unknown` where it cannot be known. */
  readonly type: { readonly known: true; readonly name: string | null } | { readonly known: false }
  /** The kinds of actors that it asks about, as far as they are known. */
  readonly actors: readonly string[]
  readonly eager: boolean
  /** Whether the file is a test. */
  readonly test: boolean
}

export interface LinkOptions {
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly linker: Linker
  readonly isTest: (path: string) => boolean
  /** The kinds of actors that the project knows: a class of that name is one, also where its code is out of sight. */
  readonly kinds: ReadonlySet<string>
}

/** Everything that names a flag, in the order of files and places. */
export function linkUses({ facts, linker, isTest, kinds }: LinkOptions): readonly Use[] {
  const uses: Use[] = []
  for (const file of [...facts.keys()].sort()) {
    const found = facts.get(file)?.uses ?? []
    if (found.length === 0) continue
    const test = isTest(file)
    for (const one of found) {
      const use = linkUse(one, file, { linker, kinds, test })
      if (use !== null) uses.push(use)
    }
  }
  return uses
}

interface LinkedIn extends Pick<LinkOptions, 'linker' | 'kinds'>, Pick<Use, 'test'> {}

function linkUse(found: FoundUse, file: string, { linker, kinds, test }: LinkedIn): Use | null {
  const { kind, line, column, eager } = found
  const sure = typeof found.sure === 'boolean' ? found.sure : isOurs(linker, file, found.sure)
  if (sure === null) return null
  const { names, prefixes, others } = namesIn(linker.texts(file, found.terms))
  if (!sure && names.length === 0 && prefixes.length === 0) return null
  const given = found.actor === null ? [] : linker.follow({ file, value: found.actor }).map(({ value }) => value)
  const isCamel = kind === 'frontend'
  return {
    kind,
    file,
    line,
    column,
    sure,
    names: isCamel || kind === 'torn' ? [] : distinct(names),
    prefixes: distinct(prefixes),
    camelNames: isCamel ? names : [],
    dynamic: kind === 'torn' ? names : others.map(shown),
    type: typeOf(found, file, linker, given),
    actors: [...distinct(given.flatMap(kindsOf)), ...namedKinds(found.actor, kinds)],
    eager,
    test,
  }
}

/** Whole names, beginnings of names that are made at run time, and the rest. */
function namesIn(texts: readonly Term[]) {
  const names: string[] = []
  const prefixes: string[] = []
  const others: Term[] = []
  for (const term of texts) {
    const [first] = term
    if (typeof first !== 'string' || term.length > 2) others.push(term)
    else if (term.length === 1) names.push(first)
    else prefixes.push(first)
  }
  return { names, prefixes, others }
}

function distinct(words: readonly string[]): readonly string[] {
  return words.length < 2 ? words : [...new Set(words)]
}

/** Null: it is none of ours. */
function isOurs(linker: Linker, file: string, receiver: Value): boolean | null {
  const values = linker.follow({ file, value: receiver }).map(({ value }) => value.is)
  if (values.includes('flags')) return true
  return values.includes('unknown') ? false : null
}

function typeOf({ type }: FoundUse, file: string, linker: Linker, given: readonly Value[]): Use['type'] {
  // A constant of another file may be the options, and not the actor.
  const options = given.find(isOptions)
  const terms = type ?? (options === undefined ? null : typeIn(options))
  if (terms === null) return { known: true, name: null }
  const texts = linker.texts(file, terms)
  const [text] = texts[0] ?? []
  return texts.length === 1 && texts[0]?.length === 1 && typeof text === 'string'
    ? { known: true, name: text }
    : { known: false }
}

const specialActors: ReadonlySet<string> = new Set(['request', 'pod', 'instance'])

function kindsOf(value: Value): readonly string[] {
  switch (value.is) {
    case 'actor':
      return [value.kind]
    case 'object': {
      const kind = gateKind(value.members)
      return kind === null ? [] : [kind]
    }
    case 'list':
      return value.values.flatMap(kindsOf)
    case 'text':
      return value.terms.flatMap(([word, ...more]) =>
        typeof word === 'string' && more.length === 0 && specialActors.has(word) ? [word] : [],
      )
    default:
      return []
  }
}

/** A class that is out of sight, by its name: an entity of a package, say. */
function namedKinds(actor: Value | null, kinds: ReadonlySet<string>): readonly string[] {
  if (actor?.is !== 'link') return []
  const { name, then } = actor.link
  const isInstance = then.length === 1 && (then[0] === 'type' || then[0] === 'new')
  return isInstance && kinds.has(name) ? [name] : []
}

/** `a_…_b` */
function shown(term: Term): string {
  return term.map((part) => (typeof part === 'string' ? part : '…')).join('')
}
