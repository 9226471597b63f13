// One field of a definition's text, as both ways of reading YAML give it: the whole parser, and the short way for plain fields.

export interface YamlField {
  readonly value: unknown
  /** The file's spelling: `16.10` for the value 16.1, which is a number. */
  readonly text: string
  readonly line: number
}
