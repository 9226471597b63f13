// The variants of an experiment as the caller gives them: a list of names, or names with weights in per cent.
import type { ErrorParts } from '../errors.js'
import { quoted } from '../text/printable.js'

/** Names of variants, or each with the per cent of the actors that get it; these add up to 100. */
export type GivenVariants = readonly string[] | Readonly<Record<string, number>>

export interface Variants {
  /** `control` is always one of them. */
  readonly names: ReadonlySet<string>
  /** In the order of their names, because the order in which code lists them must not move an actor. */
  readonly weights: readonly Weight[]
  /** The sum of the weights, added up in this order. */
  readonly total: number
}

interface Weight {
  readonly name: string
  readonly weight: number
}

/** What each actor has who takes no part. */
export const control = 'control'

/** Names stand in rows, in pages and in queries of testers. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/
/** Weights such as 33.3 have no exact sum. */
const slack = 1e-6

/** The variants; `control` and `candidate` where none are given. A fault where they cannot be used. */
export function readVariants(given: unknown): Variants | { readonly fault: ErrorParts } {
  if (given === undefined) return usual
  if (typeof given !== 'object' || given === null) {
    return { fault: { problem: `its variants are ${quoted(given)}`, remedy } }
  }
  const entries = Array.isArray(given) ? listed(given) : Object.entries(given)
  const fault = entries.map(faultOf).find((one) => one !== null) ?? faultOfAll(entries, Array.isArray(given))
  if (fault !== null) return { fault }
  return variantsOf(entries.map(([name, weight]) => ({ name: String(name), weight: Number(weight) })))
}

type Entry = readonly [name: unknown, weight: unknown]

const remedy = "give a list such as ['control', 'blue', 'green'], or weights such as { control: 50, candidate: 50 }"

/** Without weights the actors that the flag lets in share the variants beside `control` evenly; control are the others. */
function listed(names: readonly unknown[]): readonly Entry[] {
  return names.map((name) => [name, name === control ? 0 : 1])
}

/** Whether a text may be the name of a variant. */
export function isVariantName(text: string): boolean {
  return namePattern.test(text)
}

function faultOf([name, weight]: Entry, index: number, all: readonly Entry[]): ErrorParts | null {
  if (typeof name !== 'string' || !isVariantName(name)) {
    const wanted = 'write a variant in 1 to 63 letters, digits, "-" and "_", the first of them a letter or a digit'
    return { problem: `${quoted(name)} cannot be the name of a variant`, remedy: wanted }
  }
  if (all.findIndex(([other]) => other === name) !== index) {
    return { problem: `the variant ${quoted(name)} is there twice`, remedy: 'name each variant once' }
  }
  if (typeof weight === 'number' && weight >= 0 && weight < Number.POSITIVE_INFINITY) return null
  const problem = `the weight of ${quoted(name)} is ${typeof weight === 'number' ? String(weight) : quoted(weight)}`
  return { problem, remedy: 'give a number of per cent, from 0 on' }
}

function faultOfAll(entries: readonly Entry[], isList: boolean): ErrorParts | null {
  if (!entries.some(([name]) => name !== control)) {
    return { problem: 'it has no variant beside "control"', remedy }
  }
  if (isList) return null
  const sum = entries.reduce((total, [, weight]) => total + Number(weight), 0)
  if (Math.abs(sum - 100) <= slack) return null
  const shown = entries.map(([name, weight]) => `${name} ${weight}`).join(', ')
  const problem = `the weights of its variants add up to ${Number(sum.toFixed(6))} (${shown})`
  return { problem, remedy: 'give per cent that add up to 100' }
}

function variantsOf(given: readonly Weight[]): Variants {
  const weights = [...given].sort((a, b) => (a.name < b.name ? -1 : 1))
  const names = new Set([control, ...weights.map(({ name }) => name)])
  return { names, weights, total: weights.reduce((total, { weight }) => total + weight, 0) }
}

const usual = variantsOf([
  { name: control, weight: 0 },
  { name: 'candidate', weight: 1 },
])
