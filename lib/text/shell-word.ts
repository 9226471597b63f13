// A word of a command that a person may copy into a POSIX shell.

/** The word, in quotes where a shell would read anything into it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
