// The pages that a person can go to from everywhere: in the header, in the palette, and by `g` and a key.

export interface PageTarget {
  readonly path: string
  readonly name: string
  /** After `g`. */
  readonly key: string
}

export const pages: readonly PageTarget[] = [
  { path: '/flags', name: 'Flags', key: 'f' },
  { path: '/history', name: 'History', key: 'h' },
  { path: '/explain', name: 'Explain', key: 'e' },
]
