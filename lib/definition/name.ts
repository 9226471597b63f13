// The rule for flag names, shared by the loader and the creator.

/** Runs of a–z and 0–9 joined by single underscores. Anchored to the whole text and linear (each character has one way to match). */
const shape = /^[a-z0-9]+(?:_[a-z0-9]+)*$/

/** A file name has at most 255 bytes on every common file system, and `.yml` takes four. */
export const longestFlagName = 251

/** Names of the right shape that break objects in generated code, which indexes them by flag name. */
const reserved: ReadonlySet<string> = new Set(['constructor', 'prototype'])

/** The fault of a flag's name, as the end of a sentence that starts with the name; null if the name is good. */
export function flagNameFault(name: unknown): string | null {
  if (name === undefined || name === null) return 'is missing'
  if (typeof name !== 'string') return 'must be text'
  if (name.trim() === '') return 'is empty'
  if (name.length > longestFlagName) return `is longer than ${longestFlagName} characters`
  if (!shape.test(name)) return 'must be lower-case letters and digits joined by single underscores'
  if (reserved.has(name)) return 'is a reserved word in JavaScript'
  return null
}

/** Why no definition can have the name, as a sentence: another program may have stored it all the same. Null if one can. */
export function undefinableName(name: string): string | null {
  const fault = flagNameFault(name)
  return fault === null ? null : `no definition can have this name, because a flag's name ${fault}`
}
