// The child's side of child.js: answers commands, one at a time, in the order they came.

/** Answers each command by the function of its name; `end` ends the process, after the function of that name if there is one. */
export function answer(commands) {
  let last = Promise.resolve()
  process.on('message', ({ id, command, ...given }) => {
    last = last.then(async () => {
      try {
        const value = await commands[command]?.(given)
        process.send?.({ id, value: value ?? null }, () => command === 'end' && process.exit(0))
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      }
    })
  })
  // A parent that was killed must not leave its children behind.
  process.on('disconnect', () => process.exit(0))
}

/** Tells the parent without being asked. */
export function tell(message) {
  process.send?.(message)
}
