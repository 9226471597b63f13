// The name of a flag in pages, as GitLab has it: what the server pushes, what the file of declared flags offers, what `usage` finds.

/** `darkMode` for `dark_mode`. Digits count as letters, so that `a_1` and `a1` are the same in a page. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, next: string) => next.toUpperCase())
}
