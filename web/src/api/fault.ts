// What went wrong with a request, so that each place of the page can say it in its own words.

export type FaultKind =
  /** No answer came: no network, no server, or the page's own address is gone. */
  | 'offline'
  /** No answer came in time. */
  | 'slow'
  /** An answer came that is not ours, or only half of one. */
  | 'nonsense'
  /** The server answered with an error. */
  | 'refused'

export interface FaultDetails {
  readonly kind: FaultKind
  readonly message: string
  readonly status?: number
  /** The server's own code, such as `flag_changed`. */
  readonly code?: string
  readonly requestId?: string | null
  readonly retryAfterS?: number | null
  /** The whole answer, for what more it says. */
  readonly body?: unknown
}

export class ApiFault extends Error {
  readonly kind: FaultKind
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  readonly retryAfterS: number | null
  readonly body: unknown

  constructor(details: FaultDetails) {
    super(details.message)
    this.name = 'ApiFault'
    this.kind = details.kind
    this.status = details.status ?? 0
    this.code = details.code ?? details.kind
    this.requestId = details.requestId ?? null
    this.retryAfterS = details.retryAfterS ?? null
    this.body = details.body
  }
}

/** The fault in an unknown error; an error of the page itself is passed on as it is. */
export function faultOf(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error
  throw error
}

/** Whether what was asked is wrong: to ask the same again helps as little as the log of the server. */
export function isOwnFault({ kind, status }: ApiFault): boolean {
  return kind === 'refused' && status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status)
}
