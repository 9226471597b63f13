const mostNamed = 10

/** Names for a message, such as "a, b and 3 more": at most ten, because there may be thousands and people read the message. */
export function namedFew(names: readonly string[], most = mostNamed): string {
  const named = names.slice(0, most).join(', ')
  return names.length <= most ? named : `${named} and ${names.length - most} more`
}
