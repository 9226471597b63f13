// The search of GitLab's lists: each term between blanks must occur, without regard to case.

/** Whether all terms of the search occur in one of the texts; an empty search finds everything. */
export function hasTerms(search: string, ...texts: readonly (string | null)[]): boolean {
  const lower = texts.map((text) => (text ?? '').toLowerCase())
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((term) => lower.some((text) => text.includes(term)))
}
