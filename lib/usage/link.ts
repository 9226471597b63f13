// Follows values across files: a constant, an instance or a class that another file exports, through any number of re-exports. It works
// on the facts alone. A file whose facts it lacks is noted in `wanted`: the reader parses it, and the linker is asked again.
import type { FileFacts } from './facts.js'
import type { Resolution } from './modules.js'
import { isOwnPackage, packageExport } from './source/package-exports.js'
import { concat, either, own, take, takeAll, type Term, termsOf, unknown, type Value } from './source/values.js'

/** A value, and the file whose imports its links are. */
export interface Located {
  readonly file: string
  readonly value: Value
}

export interface LinkerOptions {
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly resolve: (from: string, specifier: string) => Resolution
}

/** More re-exports than that are a circle. */
const longestChain = 40

export class Linker {
  /** Files that were asked for and have no facts. */
  readonly wanted = new Set<string>()
  readonly #options: LinkerOptions

  constructor(options: LinkerOptions) {
    this.#options = options
  }

  /** What a value is once no link is left in it: several things, where it can be several. */
  follow(located: Located, chain: readonly string[] = []): readonly Located[] {
    const { file, value } = located
    if (value.is === 'either') return value.values.flatMap((one) => this.follow({ file, value: one }, chain))
    if (value.is !== 'link') return [located]
    const { from, name, then } = value.link
    const key = `${file}\0${from}\0${name}\0${then.join()}`
    if (chain.length >= longestChain || chain.includes(key)) return [{ file, value: unknown }]
    const next = [...chain, key]
    const [first, ...rest] = then
    // `import * as flags`: a member of it is an export.
    const [exported, steps] = name === '*' && first?.startsWith('.') ? [first.slice(1), rest] : [name, then]
    return this.#module(file, from, exported, next).flatMap((one) =>
      this.follow({ file: one.file, value: takeAll(one.value, steps) }, next),
    )
  }

  /** Each text that terms of a file can be, with null for what is known only at run time. */
  texts(file: string, terms: readonly Term[], depth = 0): readonly Term[] {
    // Nearly all are one literal.
    if (terms.every(isLiteral)) return terms
    return terms.flatMap((parts) => {
      const pieces = parts.map((part): readonly Term[] => {
        if (part === null || typeof part === 'string') return [[part]]
        if (depth > longestChain) return [[null]]
        const found = this.follow({ file, value: { is: 'link', link: part } })
        return found.flatMap((one) => this.texts(one.file, termsOf(one.value), depth + 1))
      })
      return pieces.reduce(concat, [[]])
    })
  }

  #module(file: string, from: string, name: string, chain: readonly string[]): readonly Located[] {
    if (isOwnPackage(from)) return [{ file, value: packageExport(name) ?? unknown }]
    const target = this.#options.resolve(file, from)
    if (target === 'foreign') return [{ file, value: { is: 'other' } }]
    if (target === null) return [{ file, value: unknown }]
    return this.#exported(target.path, name, chain)
  }

  #exported(path: string, name: string, chain: readonly string[]): readonly Located[] {
    const facts = this.#options.facts.get(path)
    if (facts === undefined) {
      this.wanted.add(path)
      return [{ file: path, value: unknown }]
    }
    const key = `${path}\0${name}`
    if (chain.includes(key) || chain.length >= longestChain) return []
    const value = own(facts.exports, name)
    if (value !== undefined) return [{ file: path, value }]
    const whole = own(facts.exports, 'default')
    if (name === '*') {
      const all: Value = { is: 'object', members: facts.exports, open: true }
      // `require` gives what a CommonJS file exports as a whole.
      return [{ file: path, value: whole === undefined ? all : either([all, whole]) }]
    }
    const starred = facts.stars.flatMap((from) => this.#module(path, from, name, [...chain, key]))
    const found = starred.filter((one) => one.value.is !== 'unknown')
    if (found.length > 0) return found
    const member = whole === undefined ? unknown : take(whole, `.${name}`)
    return [{ file: path, value: member }]
  }
}

function isLiteral(term: Term): boolean {
  return term.length === 1 && typeof term[0] === 'string'
}
