// What servers remember of tokens and sign-ins is bounded: of the oldest ones they ask the store again.

const mostKept = 1_000

/** Sets a value as the newest; above the limit the oldest is removed. */
export function keepNewest<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > mostKept && oldest !== undefined) map.delete(oldest)
}
