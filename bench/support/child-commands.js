// The child's side of child.js: answers commands, one at a time, in the order they came.

/**
 * What a child does by name. A command is given one object, or nothing.
 * @typedef {Record<string, (given: never) => unknown>} Commands
 */

/** @typedef {{ readonly id: number, readonly command: string } & Readonly<Record<string, unknown>>} Asked */

/**
 * Answers each command by the function of its name; `end` ends the process, after the function of that name if there is one.
 * @param {Commands} commands
 */
export function answer(commands) {
  const known = /** @type {Record<string, (given: object) => unknown>} */ (commands)
  let last = Promise.resolve()
  process.on('message', (/** @type {Asked} */ { id, command, ...given }) => {
    last = last.then(async () => {
      try {
        const value = await known[command]?.(given)
        process.send?.({ id, value: value ?? null }, () => command === 'end' && process.exit(0))
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      }
    })
  })
  // A parent that was killed must not leave its children behind.
  process.on('disconnect', () => process.exit(0))
}
