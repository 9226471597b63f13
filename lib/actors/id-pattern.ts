// How the ids of a class are written: `User:{id}`, or as a Rails application stores them, `User;{id}` or `gid://shop/User/{id}`.
import type { ErrorParts } from '../errors.js'
import { quoted } from '../text/printable.js'
import { optOutSuffix } from './stored-id.js'

const mark = '{id}'
/** A stored id may have 1,000 bytes, and some of them belong to the id itself. */
const mostBytes = 255
/** A list of targets is split at commas and blanks around them; what cannot be seen cannot be compared either. */
const unclean = /[\p{C}\p{Z},]/u

/** The ids of one class. */
export class IdPattern {
  readonly text: string
  /** What stands before the id: `User:`. */
  readonly before: string
  readonly after: string
  readonly #shortest: number
  /** `Ci:` is not the beginning of `Ci::Runner:5`. */
  readonly #colon: boolean

  /** The text must be one of which `idPatternFault` says nothing. */
  constructor(text: string) {
    const at = text.indexOf(mark)
    this.text = text
    this.before = text.slice(0, at)
    this.after = text.slice(at + mark.length)
    this.#shortest = this.before.length + this.after.length + 1
    this.#colon = this.before.endsWith(':')
  }

  /** `User:5` for 5. */
  write(id: string): string {
    return this.before + id + this.after
  }

  /** Whether this is an id of the class, by its form. */
  fits(flipperId: string): boolean {
    return (
      flipperId.length >= this.#shortest &&
      flipperId.startsWith(this.before) &&
      flipperId.endsWith(this.after) &&
      !(this.#colon && flipperId.charCodeAt(this.before.length) === 0x3a)
    )
  }

  /** 5 of `User:5`; null for an id of another form. */
  read(flipperId: string): string | null {
    return this.fits(flipperId) ? flipperId.slice(this.before.length, flipperId.length - this.after.length) : null
  }

  /** Whether a person can tell that this is an id of the class: `user-{id}` also fits `user-admins`, a name or a path. */
  isTold(text: string): boolean {
    const id = this.read(text)
    return id !== null && (/[:;/]/.test(this.before) || /^\d+$/.test(id))
  }
}

/** The ids of a class that names no pattern. */
export function usualPattern(className: string): IdPattern {
  return new IdPattern(`${className}:${mark}`)
}

/** Why this cannot be a pattern; null if it can. */
export function idPatternFault(text: unknown): ErrorParts | null {
  const remedy = `give a text such as "User;${mark}"`
  if (typeof text !== 'string') return { problem: `the pattern is ${quoted(text)}`, remedy }
  const marks = text.split(mark).length - 1
  if (marks !== 1) {
    const problem = `the pattern ${quoted(text)} has ${mark} ${marks === 0 ? 'nowhere' : `${marks} times`}`
    return { problem, remedy: `write ${mark} once, where the id stands, as in "User;${mark}"` }
  }
  if (unclean.test(text)) {
    const problem = `the pattern ${quoted(text)} holds a blank, a comma or a character that cannot be seen`
    return { problem, remedy: 'leave it out' }
  }
  if (/[{}]/.test(text.replace(mark, ''))) {
    const problem = `the pattern ${quoted(text)} has a brace that does not belong to ${mark}`
    return { problem, remedy: `${mark} is all that is replaced; leave the other brace out` }
  }
  if (text.endsWith(optOutSuffix)) {
    const problem = `the pattern ${quoted(text)} ends in "${optOutSuffix}", which marks an opt-out`
    return { problem, remedy: 'give it another ending' }
  }
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes <= mostBytes) return null
  return { problem: `the pattern ${quoted(text)} has ${bytes} bytes`, remedy: `give at most ${mostBytes}` }
}
