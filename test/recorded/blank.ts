// What differs from run to run, blanked: what is left of an output is compared to the byte.

/** Texts of this run and what stands for them, such as the folder of the project. */
export type Names = Readonly<Record<string, string>>

const varying: readonly (readonly [pattern: RegExp, blank: string])[] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d\b/g, '<date>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b\d+-[0-9a-f]{8}-[0-9a-f]{8}\b(?!-)/g, '<revision>'],
  [/\bslc-[A-Za-z0-9_-]{20,}/g, '<token>'],
  [/\bglffct-[A-Za-z0-9_-]{20}/g, '<instance id>'],
  [/("revision": ?)\d+/g, '$1<number>'],
  [/\b(?!900719925474099)[0-9a-f]{16}\b/g, '<id>'],
  [/\bretry-after: \d+/g, 'retry-after: <number>'],
  [/\btry again in \d+ s\b/g, 'try again in <number> s'],
  [/\b(127\.0\.0\.1|localhost):\d{2,5}\b/g, '$1:<port>'],
  [/\btest_[0-9a-f]{32}\b/g, '<database>'],
  [/("?age_ms"?: ?)\d+/g, '$1<number>'],
  // After a code that steers a terminal, too.
  [/(?<!\d)\d+ ms\b/g, '<number> ms'],
]

/** The text with all that varies blanked, and with codes that steer a terminal in sight. */
export function blanked(text: string, names: Names = {}): string {
  let seen = text
  for (const [name, blank] of Object.entries(names)) seen = seen.replaceAll(name, blank)
  for (const [pattern, blank] of varying) seen = seen.replace(pattern, blank)
  return seen.replaceAll('\u001b', '␛').replaceAll('\r', '␍')
}
