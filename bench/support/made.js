// What an object makes when it starts is null before.

/**
 * The value, which is there once `prepare()` has made it.
 * @template T
 * @param {T | null} value
 * @returns {T}
 */
export function made(value) {
  if (value === null) throw new Error('not prepared yet: await prepare() first')
  return value
}
