// The fault of a URL, as all its checks give it.

/** What is wrong with a URL, as the end of a sentence about it. */
export interface UrlFault {
  readonly reason: string
  /** What to do; absent where an example of a URL says it. */
  readonly remedy?: string
  /** Present for a URL that is well made, and asks for what is not possible. */
  readonly wellMade?: true
}
